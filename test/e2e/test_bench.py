"""`make bench` without its peers, on a tiny model: what it writes, not how fast anything is."""

import json
import os
import pathlib
import sys
import xml.etree.ElementTree as xml

from common import INGOT, ROOT, TestCase, main, run
from test_perplexity import byte_tokenizer
from tiny import Tiny

sys.path.insert(0, str(ROOT / "bench"))
import report  # noqa: E402

ROWS = ["Ingot", "Ingot, 8-bit KV", "Ingot, huge pages"]
SPEEDS = ["prefill_8", "prefill_32", "decode_0", "decode_64"]
COLUMNS = [*SPEEDS, "first_token", "peak_rss", "disk"]


class Bench(TestCase):
    def setUp(self):
        super().setUp()
        source = self.folder / "source"
        self.model = Tiny("tiny", vocab=258, tied=False).write(source)
        byte_tokenizer().save(str(source / "tokenizer.json"))
        self.model.write_text(self.model.read_text() + "tokenizer:\n  path: tokenizer.json\n"
                              "  add_bos: false\n  bos: 256\n  eos: [257]\n")
        self.document = self.folder / "performance.md"
        self.document.write_text((ROOT / "docs/performance.md").read_text())

    def bench(self, *options):
        out = self.folder / "bench"
        run([sys.executable, ROOT / "bench/peers.py", "--ingot", INGOT, "--out", out,
             "--model", self.model, "--rounds", "2", "--threads", "1", "--prompts", "8,32",
             "--depths", "0,64,2048", "--decode", "4", "--peers", self.folder / "nowhere",
             "--document", self.document, "--svg", self.folder / "performance.svg", *options],
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"))
        return out

    def keep_first_part(self):
        """Leaves the document no part of a level's own."""
        before, end, _ = self.document.read_text().partition(report.END)
        self.document.write_text(before + end + "\n\nThe end.\n")

    def test_files(self):
        self.keep_first_part()
        prose = self.document.read_text().split(report.begin())[0]
        out = self.bench()
        result = json.loads((out / "peers.json").read_text())
        self.assertEqual(list(result["columns"]), COLUMNS)
        self.assertEqual(list(result["programs"]), [*ROWS, "llama.cpp", "OpenVINO GenAI"])
        self.assertEqual(result["left_out"], [2048])  # the context is 256
        self.assertEqual(result["ratios"], {})
        for name in ROWS:
            program = result["programs"][name]
            self.assertEqual(set(program["values"]), set(COLUMNS), name)
            self.assertEqual(set(program["points"]), set(SPEEDS), name)
            for key, value in program["values"].items():
                self.assertEqual(len(value["samples"]), 2, f"{name}: {key}")
                self.assertTrue(0 < value["min"] <= value["median"] <= value["max"],
                                f"{name}: {key}: {value}")
            for point in program["points"].values():
                for fact in ("bytes", "macs"):
                    self.assertGreater(point[fact], 0)
                for share in ("share_of_ceiling", "share_of_mac_peak"):
                    self.assertGreater(point[share]["min"], 0)
        # A token that comes later has more to read; 8 bits of it are fewer than 16.
        points = {name: result["programs"][name]["points"] for name in ROWS}
        self.assertGreater(points["Ingot"]["decode_64"]["bytes"],
                           points["Ingot"]["decode_0"]["bytes"])
        self.assertGreater(points["Ingot"]["decode_64"]["bytes"],
                           points["Ingot, 8-bit KV"]["decode_64"]["bytes"])

        text = (out / "peers.md").read_text()
        self.assertIn("\n| llama.cpp | not installed | -", text)
        self.assertIn("\n| OpenVINO GenAI | not installed | -", text)
        self.assertIn("llama.cpp was not measured: no llama.h in nowhere.", text)
        self.assertIn("Decode at 2048 does not fit the context of 256.", text)
        for line in text.splitlines():
            if line.startswith("| Ingot"):
                self.assertNotIn("| - |", line)

        written = self.document.read_text()
        self.assertTrue(written.startswith(prose))
        self.assertIn(text, written)
        self.assertIn("](performance.svg)", written)
        self.assertNotIn("Not measured yet", written)

        plots = [(out / "performance.svg"), self.folder / "performance.svg"]
        self.assertEqual(plots[0].read_bytes(), plots[1].read_bytes())
        dots = xml.parse(plots[0]).getroot().findall("{http://www.w3.org/2000/svg}circle")
        self.assertEqual(len(dots), len(ROWS) * len(SPEEDS))

        # A second run replaces the first one's part instead of adding to it.
        self.bench("--only", "ingot")
        again = self.document.read_text()
        self.assertEqual(again.count(report.begin()), 1)
        self.assertEqual(again.count(report.END), written.count(report.END))
        self.assertTrue(again.startswith(prose))
        self.assertNotIn("not installed", again)
        self.assertTrue(again.endswith(written.partition(report.END)[2]))

    def test_a_level(self):
        """Held to a level: its own part of the document, the other one stays; no peer that cannot."""
        if "avx2" not in pathlib.Path("/proc/cpuinfo").read_text():
            self.skipTest("this machine has no avx2")
        whole = self.document.read_text().partition(report.begin("avx2"))[0]
        out = self.bench("--level", "avx2")
        result = json.loads((out / "peers.json").read_text())
        self.assertEqual(result["level"], "avx2")
        self.assertEqual(list(result["programs"]), [*ROWS, "llama.cpp"])
        written = self.document.read_text()
        self.assertTrue(written.startswith(whole))
        self.assertIn((out / "peers.md").read_text(), written)
        # A document without the level's marks is left as it is.
        self.document.write_text(whole)
        with self.assertRaises(ValueError):
            report.replace_generated(self.document, "", "x.svg", "avx2")
        self.assertEqual(self.document.read_text(), whole)

    def test_best_level(self):
        """On a machine whose best level has a part of its own, that part is filled; else the first."""
        self.keep_first_part()
        first = self.document.read_text()
        out = self.bench("--only", "ingot")
        level = json.loads((out / "peers.json").read_text())["level"]
        self.document.write_text(f"{first}\n{report.begin(level)}\n{report.END}\n")
        out = self.bench("--only", "ingot")
        written = self.document.read_text()
        self.assertTrue(written.startswith(first))
        self.assertIn((out / "peers.md").read_text(), written)
        self.assertIn(f"](performance-{level}.svg)", written)
        self.assertTrue((self.folder / f"performance-{level}.svg").exists())

    def test_ratios(self):
        """Larger is better for speeds, smaller for times; a column that one lacks is left out."""
        headings = report.columns([32], [0])
        of = lambda **values: {key: report.summarise(v) for key, v in values.items()}
        self.assertEqual(
            report.ratios(of(prefill_32=[9, 6, 3], first_token=[10], disk=[1]),
                          of(prefill_32=[2], decode_0=[5], first_token=[40]), headings),
            {"prefill_32": 3, "first_token": 4})


if __name__ == "__main__":
    main()
