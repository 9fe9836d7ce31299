"""`ingot VERB DIR ...` around the executable of FakeModel.cpp: what is handed on, what is refused.

ctest sets INGOT (the driver) besides INGOT_FAKE. No test compiles a model.
"""

import json
import os
import shutil
import signal
import subprocess
import unittest

from fake_model import DONE, FAILED, FAKE, USAGE, Case

INGOT = os.environ["INGOT"]
VERBS = ["compile", "run", "eval", "tokenize", "bench", "inspect", "targets"]


def ingot(*words, expect=DONE, input=b""):
    process = subprocess.run([INGOT, *map(str, words)], input=input, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=120)
    if process.returncode != expect:
        raise AssertionError(f"exit code {process.returncode}, expected {expect}: {words}\n"
                             f"{process.stderr.decode(errors='replace')}")
    return process


class Verbs(Case):
    def setUp(self):
        super().setUp()
        self.dir = self.folder / "model"
        self.dir.mkdir()
        shutil.copy(FAKE / "fake", self.dir / "fake")
        host = next(t["name"] for t in json.loads(ingot("targets", "-o", "json").stdout)
                    if t["runs"] == "native" and t["compiles"])
        self.report({"name": "fake", "target": host, "macs": {"blocks": 1000, "head": 640}})

    def report(self, value):
        (self.dir / "report.json").write_text(json.dumps(value))

    def test_help_and_version_of_every_verb(self):
        for verb in VERBS:
            self.assertIn(f"Usage: ingot {verb}".encode(), ingot(verb, "--help").stdout)
            self.assertEqual(ingot(verb, "--version").stdout, ingot("--version").stdout)
            self.assertIn(verb.encode(), ingot("--help").stdout)

    def test_prompts_arrive_as_they_are(self):
        for prompt in ("w", "-w", "--help w", "[a,b]w", "a=b w", "%w", '"w'):
            self.assertEqual(ingot("run", self.dir, "-p", prompt).stdout, b"xyz\n", prompt)
            self.assertEqual(ingot("run", "-p", prompt, self.dir).stdout, b"xyz\n", prompt)
        self.assertEqual(ingot("run", self.dir, input=b"w").stdout, b"xyz\n")

    def test_texts_arrive_as_they_are(self):
        for text in ("a", "a,b", "[x]", "", " ", "\u00e9"):
            ids = [256, *text.encode()]
            self.assertEqual(ingot("tokenize", self.dir, text, "--ids").stdout.split(),
                             [str(i).encode() for i in ids], text)
        self.assertEqual(ingot("tokenize", self.dir, "--ids", "--", "-a").stdout, b"256 45 97\n")

    def test_exit_codes_are_handed_on(self):
        ingot("run", self.dir, "--temp", "hot", expect=USAGE)
        ingot("run", self.dir, "-p", "a", "-f", "b", expect=USAGE)
        ingot("eval", self.dir, "--tokens", "/nowhere", "--logits", "x", expect=FAILED)

    def test_refusals(self):
        for text, code, *words in (
            ("unknown verb 'cook'", USAGE, "cook"), ("expected a verb", USAGE),
            ("DIR is required", USAGE, "run"), ("--nope", USAGE, "run", self.dir, "--nope"),
            ("is not a folder", FAILED, "run", "/nowhere"),
            ("holds no report.json", FAILED, "run", self.folder),
            ("--output", USAGE, "compile", "x"),
            ("q9", USAGE, "compile", "x", "-o", "y", "--quant", "q9"),
            ("f64", USAGE, "compile", "x", "-o", "y", "--kv", "f64"),
            ("--ctx", USAGE, "compile", "x", "-o", "y", "--ctx", "0"),
            ("'--emit' is 'exe,foo'", USAGE, "compile", "x", "-o", "y", "--emit", "exe,foo"),
            ("'--cpu' is '8088'", USAGE, "compile", "x", "-o", "y", "--cpu", "8088"),
            ("'--target' is 'moon'", USAGE, "compile", "x", "-o", "y", "--target", "moon"),
            ("'--name' is 'A'", USAGE, "compile", "x", "-o", "y", "--name", "A"),
            ("'random:SEED'", USAGE, "compile", "x", "-o", "y", "--weights-from", "random:-1"),
        ):
            self.assertIn(text, ingot(*words, expect=code).stderr.decode())

    def test_a_folder_for_nobody(self):
        self.report({"name": "fake", "target": "moon"})
        self.assertIn(b"'moon'", ingot("run", self.dir, expect=5).stderr)
        self.report({"name": "other", "target": "generic"})
        self.assertIn(b"without '--emit exe'", ingot("run", self.dir, expect=FAILED).stderr)

    def test_bench_knows_the_products(self):
        row = json.loads(ingot("bench", self.dir, "-p", 64, "-n", 0, "-r", 1, "-t", 1, "-o",
                               "json").stdout)[0]
        share = row["tokens_per_second"]["median"] * 1010 / (row["mac_peak_gmacs"] * 1e9)
        self.assertAlmostEqual(row["share_of_mac_peak"] / share, 1, delta=2e-3)

    def test_inspect_shows_the_report(self):
        report = json.loads((self.dir / "report.json").read_text())
        self.assertEqual(json.loads(ingot("inspect", self.dir, "-o", "json").stdout), report)
        self.assertIn(b"macs.blocks: 1000\n", ingot("inspect", self.dir).stdout)

    def test_an_interrupt_sent_to_the_driver_ends_the_text(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = subprocess.Popen([INGOT, "run", self.dir, "-p", "!"],
                                       stdout=subprocess.PIPE)
            self.assertEqual(process.stdout.read(1), b"!")
            process.send_signal(number)
            out = process.communicate(timeout=60)[0]
            self.assertEqual(process.returncode, 128 + number)
            self.assertTrue(out.endswith(b"\n"))

    def test_an_executable_that_crashes_is_a_clean_failure(self):
        (self.dir / "fake").write_text("#!/bin/sh\nkill -SEGV $$\n")
        self.assertIn(b"was ended by signal 11", ingot("run", self.dir, expect=FAILED).stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
