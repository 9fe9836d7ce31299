"""The wasm target in Node: numbers, command line, and the ES module as a program imports it.

Small models against NumPy, SmolLM2 against the native code of the same file, both with the top token of
every step whose top-2 gap is at least 0.5. The command line's mistakes are those of a native program,
word for word.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import numpy as np

from common import (
    FAILED,
    INGOT,
    MISSING,
    OK,
    SMOLLM2,
    UNSUPPORTED,
    USAGE,
    TestCase,
    compile_model,
    evaluate,
    hash_tree,
    ingot,
    main,
    run,
    smollm2_gguf,
    tokenize,
)
from tiny import Tiny

NODE = shutil.which("node")
SUITE = pathlib.Path(__file__).with_name("wasm_api.mjs")
GAP = 0.5
PROMPT = "The three most important inventions of the nineteenth century are"
STEPS = 24


def clear_steps(expected, found):
    """(steps whose top-2 gap is at least GAP, how many of them have another top token)."""
    top = np.sort(np.partition(expected, -2, axis=1)[:, -2:], axis=1)
    clear = top[:, 1] - top[:, 0] >= GAP
    return int(clear.sum()), int((clear & (found.argmax(axis=1) != expected.argmax(axis=1))).sum())


class Wasm(TestCase):
    def compile(self, model, name, *options, **kwargs):
        out = self.folder / name
        process = compile_model(model, out, "--target", "wasm", *options, **kwargs)
        return out, process

    def test_tiny_models(self):
        for model in [
            Tiny("half", context=192),
            Tiny(
                "interleaved",
                rope="interleaved",
                tied=False,
                hidden=40,
                heads=5,
                kv_heads=5,
                head_dim=8,
                ffn=56,
                vocab=257,
                context=192,
            ),
            Tiny("shared", blocks=2, sharing="immediate", repeat=2, context=192),
        ]:
            yaml = model.write(self.folder / f"{model.name}-in")
            out, _ = self.compile(yaml, model.name, "--quant", "f32", "--kv", "f32")
            sequences = [model.ids(150, 1), model.ids(1, 2)]
            expected = np.concatenate([model.reference().logits(s) for s in sequences])
            for chunk in (1, 128):
                found = evaluate(out, sequences, "--chunk", chunk)
                clear, wrong = clear_steps(expected, found)
                error = np.abs(found - expected).max()
                print(
                    f"{model.name}, chunk {chunk}: largest difference {error:.1e}; {clear} steps with a gap of "
                    f"{GAP}, {wrong} other top tokens"
                )
                self.assertLess(error, 1e-3)
                self.assertGreater(clear, 30)
                self.assertEqual(wrong, 0)

    def test_outputs(self):
        yaml = Tiny("files").write(self.folder / "in")
        embedded, _ = self.compile(yaml, "embedded")
        names = {path.name for path in embedded.iterdir()}
        self.assertEqual(names, {"files.wasm", "files.mjs", "files.h", "model.yaml", "report.json"})
        report = json.loads((embedded / "report.json").read_text())
        self.assertEqual((report["target"], report["levels"]), ("wasm", ["simd128"]))
        sidecar, _ = self.compile(yaml, "sidecar", "--weights", "sidecar")
        weights = (sidecar / "files.weights").stat().st_size
        self.assertEqual(report["bytes"]["weights"], weights)
        self.assertLess(
            (sidecar / "files.wasm").stat().st_size + weights // 2,
            (embedded / "files.wasm").stat().st_size,
        )
        ids = Tiny("files").ids(20)
        self.assertTrue((evaluate(embedded, [ids]) == evaluate(sidecar, [ids])).all())
        again, _ = self.compile(yaml, "again", "--weights", "sidecar")
        self.assertEqual(hash_tree(sidecar), hash_tree(again))
        for name in ("files.wasm", "files.mjs"):
            self.assertNotIn(str(self.folder).encode(), (sidecar / name).read_bytes())
        _, process = self.compile(yaml, "lib", "--emit", "lib", expect=USAGE)
        self.assertIn("'--emit' is 'lib'", process.stderr.decode())

    def test_mistakes_are_those_of_a_native_program(self):
        yaml = Tiny("mistaken").write(self.folder / "in")
        (self.folder / "good.txt").write_text("1 2 3\n")
        (self.folder / "unknown.txt").write_text("1 2\n\n4 99\n")
        (self.folder / "letters.txt").write_text("1 2\n3 x\n")
        (self.folder / "long.txt").write_text(" ".join(["1"] * 300) + "\n")
        native = self.folder / "native"
        compile_model(yaml, native, "--weights", "sidecar", "--validate", "none")
        foreign, _ = self.compile(yaml, "foreign", "--weights", "sidecar", "--validate", "none")
        logits = ["--logits", self.folder / "out.npy"]
        cases = [
            (USAGE, "eval", "--tokens", "good.txt"),
            (USAGE, "eval", "--tokens", "good.txt", *logits, "--chunk", "0"),
            (USAGE, "eval", "--tokens", "good.txt", *logits, "--chunk", "two"),
            (USAGE, "eval", "--tokens", "good.txt", *logits, "--window", "5"),
            (USAGE, "eval", "--perplexity", "good.txt", *logits),
            (FAILED, "eval", "--tokens", "none.txt", *logits),
            (FAILED, "eval", "--tokens", "unknown.txt", *logits),
            (FAILED, "eval", "--tokens", "letters.txt", *logits),
            (FAILED, "eval", "--tokens", "long.txt", *logits),
            (FAILED, "eval", "--tokens", "good.txt", "--logits", self.folder / "no" / "out.npy"),
            (UNSUPPORTED, "eval", "--perplexity", "good.txt"),
            (UNSUPPORTED, "run", "-p", "Hello"),
            (USAGE, "run", "-p", "Hello", "-f", "good.txt"),
            (USAGE, "run", "-p", "Hello", "--temp", "-1"),
            (USAGE, "run", "-p", "Hello", "--seed", "x"),
            (USAGE, "run", "-p", "Hello", "--no-such-option"),
            (UNSUPPORTED, "tokenize", "Hello", "--ids"),
            (USAGE, "tokenize", "--ids", "--decode", "1 2"),
        ]
        for code, verb, *arguments in cases:
            with self.subTest(arguments=[verb, *map(str, arguments)]):
                said = [
                    ingot(verb, directory, *arguments, expect=code, cwd=self.folder).stderr.decode()
                    for directory in (native, foreign)
                ]
                for text in said:
                    self.assertIn("error: ", text)
                self.assertEqual(
                    said[0].replace("cannot open", "cannot read"),
                    said[1].replace("out.npy.tmp", "out.npy"),
                )
        self.assertFalse((self.folder / "out.npy").exists())
        self.assertEqual([p.name for p in self.folder.glob("*.tmp*")], [])
        ingot(
            "eval", foreign, "--tokens", self.folder / "good.txt", *logits, "-t", "2", expect=USAGE
        )
        ingot(
            "eval",
            foreign,
            "--tokens",
            self.folder / "good.txt",
            *logits,
            "--level",
            "avx2",
            expect=USAGE,
        )
        weights = foreign / "mistaken.weights"
        damaged = bytearray(weights.read_bytes())
        damaged[100] ^= 1
        for data, word in (
            (bytes(damaged), "weights"),
            (bytes(damaged[:-1]), "long"),
            (None, "weights"),
        ):
            weights.unlink() if data is None else weights.write_bytes(data)
            process = ingot(
                "eval", foreign, "--tokens", self.folder / "good.txt", *logits, expect=FAILED
            )
            self.assertIn(word, process.stderr.decode())
            self.assertNotIn("at ", process.stderr.decode().split("error: ")[0])

    def test_without_node(self):
        yaml = Tiny("alone").write(self.folder / "in")
        empty = self.folder / "bin"
        empty.mkdir()
        environment = os.environ | {"PATH": str(empty)}
        out, _ = self.compile(
            yaml, "out", env=environment
        )  # compiles; only its validation is left out
        process = ingot(
            "eval", out, "--tokens", "x", "--logits", "y", env=environment, expect=MISSING
        )
        self.assertIn("'node'", process.stderr.decode())
        self.assertIn("apt-get install nodejs", process.stderr.decode())
        rows = json.loads(ingot("targets", "-o", "json", env=environment).stdout)
        row = next(row for row in rows if row["name"] == "wasm")
        self.assertEqual((row["compiles"], row["runs"]), (True, "no"))
        self.assertIn("nodejs", row["missing"][0]["command"])
        rows = json.loads(ingot("targets", "-o", "json").stdout)
        row = next(row for row in rows if row["name"] == "wasm")
        self.assertEqual((row["runs"], row["missing"]), ("emulator", []))

    def test_smollm2(self):
        out, process = self.compile(
            smollm2_gguf(), "smollm2", "--name", "smollm2", "--weights", "sidecar", "--verbose"
        )
        self.assertIn("1 of 1 levels run here", process.stderr.decode())

        # The native code's greedy text, teacher-forced through both.
        prompt = tokenize(SMOLLM2, PROMPT)
        self.assertEqual(tokenize(out, PROMPT), prompt)
        text = ingot("run", SMOLLM2, "-p", PROMPT, "-n", STEPS).stdout[:-1].decode()
        ids = tokenize(SMOLLM2, PROMPT + text)
        expected, found = (
            evaluate(directory, [ids])[len(prompt) - 1 : -1] for directory in (SMOLLM2, out)
        )
        self.assertEqual(len(expected), STEPS)
        clear, wrong = clear_steps(expected, found)
        print(
            f"smollm2: {clear} of {STEPS} steps have a gap of {GAP}, {wrong} other top tokens; largest difference "
            f"{np.abs(found - expected).max():.2f}"
        )
        self.assertGreater(clear, STEPS // 2)
        self.assertEqual(wrong, 0)

        answer = ingot(
            "run", out, "--chat", "-p", "What do plants need to grow?", "-n", 40
        ).stdout.decode()
        print(answer)
        self.assertIn("water", answer)
        lookup = ingot(
            "run", out, "--chat", "-p", "What do plants need to grow?", "-n", 40, "--lookup", 4
        )
        self.assertEqual(lookup.stdout.decode(), answer)
        for text in ["", "a\u00e9\u4f60\U0001f600<|im_end|>\x00 z", b"\xff\xfe broken \xe2\x82"]:
            ids = tokenize(out, text)
            self.assertEqual(ids, tokenize(SMOLLM2, text))
            data = text if isinstance(text, bytes) else text.encode()
            decoded = [
                ingot("tokenize", d, "--decode", " ".join(map(str, ids))).stdout
                for d in (out, SMOLLM2)
            ]
            self.assertEqual(*decoded)
            pieces = [ingot("tokenize", d, input=data).stdout for d in (out, SMOLLM2)]
            self.assertEqual(*pieces)
        passage = self.folder / "passage.txt"
        passage.write_text(
            "Water boils at a lower temperature on a mountain because the air is thinner there.\n"
        )
        values = [
            json.loads(ingot("eval", d, "--perplexity", passage, "-o", "json").stdout)
            for d in (SMOLLM2, out)
        ]
        self.assertEqual(values[0]["tokens"], values[1]["tokens"])
        self.assertAlmostEqual(values[0]["nll"], values[1]["nll"], delta=0.05)

        self.check_interrupt(out)
        self.check_api(out)

    def check_interrupt(self, out):
        with subprocess.Popen([INGOT, "run", out, "-p", PROMPT], stdout=subprocess.PIPE) as process:
            process.stdout.read(20)  # it is generating
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
            self.assertEqual(process.wait(timeout=30), 130)
        self.assertTrue(rest.endswith(b"\n"))

    def check_api(self, out):
        start = time.monotonic()
        process = run(
            [NODE, SUITE, out / "smollm2.mjs", out / "smollm2.wasm", out / "smollm2.weights"]
        )
        print(process.stdout.decode(), f"{time.monotonic() - start:.1f} s")
        self.assertIn("checks passed", process.stdout.decode())


if __name__ == "__main__":
    if not NODE:
        print("UNSUPPORTED: Node.js is not installed")
        raise SystemExit(77)
    main()
