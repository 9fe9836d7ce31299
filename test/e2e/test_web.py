"""examples/web with SmolLM2 in a real headless Chromium: progress, a streamed answer, speed, stop, errors.

Also the module's numbers there: every top token of a greedy text is the one that Node gives.
"""

import importlib.util
import json
import pathlib
import threading

from common import ROOT, TestCase, compile_model, evaluate, main, smollm2_gguf
from webdriver import Browser, browser_paths

spec = importlib.util.spec_from_file_location("serve", ROOT / "examples/web/serve.py")
serve = importlib.util.module_from_spec(spec)
spec.loader.exec_module(serve)

# Watches the progress bar from the first moment on.
WATCH = """
  window.seenProgress = [];
  const bar = document.getElementById('bar');
  new MutationObserver(() => window.seenProgress.push(bar.value)).observe(bar, {attributes: true});
"""
# A greedy text, and the top tokens when it is fed as it is.
GREEDY = """
  const done = arguments[arguments.length - 1];
  (async () => {
    const { load } = await import('/model/smollm2.mjs');
    const model = await load({ context: 128 });
    let text = '';
    for await (const piece of model.generate('The capital of France is', { maxTokens: 24 }))
      text += piece;
    const ids = model.tokenize('The capital of France is' + text);
    const tops = [];
    await model.evaluate(ids, (first, rows, logits) => {
      for (let row = 0; row < rows; ++row) {
        const values = logits.subarray(row * model.vocabularySize, (row + 1) * model.vocabularySize);
        tops.push(values.indexOf(values.reduce((a, b) => Math.max(a, b))));
      }
    });
    return { text, ids, tops, result: model.result };
  })().then(done, (error) => done({ error: String(error) }));
"""


class Web(TestCase):
    def serve(self, folder):
        server = serve.make_server(folder)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}/"

    def test_page(self):
        model = self.folder / "model"
        compile_model(
            smollm2_gguf(),
            model,
            "--name",
            "smollm2",
            "--target",
            "wasm",
            "--weights",
            "sidecar",
            "--validate",
            "none",
            "--ctx",
            1024,
        )
        url = self.serve(model)
        with Browser() as browser:
            browser.open(url + "?tokens=80")
            browser.script(WATCH)
            browser.wait("the model", "!document.getElementById('talk').hidden")
            seen = browser.script("return window.seenProgress")
            self.assertGreater(len(seen), 3)
            self.assertEqual(max(seen), 1)
            self.assertEqual(browser.text("#name"), "smollm2")
            self.assertTrue(browser.script("return document.activeElement.id === 'question'"))

            # An answer, which grows while it is made.
            browser.type("#question", "What do plants need to grow?\ue007")
            lengths = set()
            while (
                browser.script("return document.getElementById('log').getAttribute('aria-busy')")
                == "true"
            ):
                lengths.add(len(browser.text("#log .answer")))
            self.assertGreater(len(lengths), 5)
            answer, speed = browser.text("#log .answer"), browser.text("#speed")
            print(f"{speed}: {answer[:80]}...")
            self.assertIn("water", answer)
            self.assertRegex(speed, r"^\d+\.\d tokens/s, \d+ tokens, first after \d+\.\d\d s$")
            pathlib.Path(self.folder.parent, "web.png").write_bytes(browser.screenshot())

            # The next turn is stopped half way; then all is forgotten.
            browser.type("#question", "Tell me a very long story about a lighthouse.")
            browser.click("#ask")
            browser.wait(
                "the story's beginning",
                "document.querySelectorAll('.answer')[1]?.textContent.length > 20",
            )
            browser.click("#stop")
            browser.wait("the end", "document.getElementById('stop').disabled", seconds=10)
            tokens = int(
                browser.script(
                    "return document.getElementById('speed').textContent.match(/(\\d+) tokens/)[1]"
                )
            )
            self.assertLess(tokens, 80)
            browser.click("#fresh")
            self.assertEqual(
                browser.script("return document.getElementById('log').childElementCount"), 0
            )

            found = browser.send("POST", "/execute/async", {"script": GREEDY, "args": []})
            self.assertNotIn("error", found)
            print("Chromium:", json.dumps(found["result"]))
            self.assertIn("Paris", found["text"])
            self.assertGreaterEqual(len(found["ids"]), 24)
            self.assertEqual(found["tops"], evaluate(model, [found["ids"]]).argmax(axis=1).tolist())
            self.check_accessibility(browser)
            self.assertEqual(browser.errors(), [])

    def check_accessibility(self, browser):
        """Every control has a name, there is one heading of the first rank, and a language."""
        nameless = browser.script("""
            return [...document.querySelectorAll('button, textarea, input, progress')].filter((control) =>
              !(control.textContent.trim() || control.labels?.length || control.getAttribute('aria-labelledby') ||
                control.getAttribute('aria-label'))).map((control) => control.id)""")
        self.assertEqual(nameless, [])
        self.assertEqual(
            browser.script(
                "return [document.querySelectorAll('h1').length, " "document.documentElement.lang]"
            ),
            [1, "en"],
        )

    def test_without_a_model(self):
        with Browser() as browser:
            browser.open(self.serve(self.folder / "nothing"))
            browser.wait("the error", "!document.getElementById('error').hidden")
            self.assertIn("there is no model beside this page", browser.text("#error"))


if __name__ == "__main__":
    if not browser_paths():
        print("UNSUPPORTED: chromium and chromedriver are not installed")
        raise SystemExit(77)
    main()
