"""A target end to end: the models that the host runs, every level of the target, under its emulator
or here where the target is sources.

INGOT_TARGET names the target. Exit code 77, which ctest reports as skipped, where nothing here can
run it: never a pass.
"""

import json
import os
import sys
import unittest

import numpy as np

from common import (INGOT, MISSING, SMOLLM2, TestCase, compile_model, evaluate, ingot, main, run,
                    smollm2_gguf, tokenize)
from float_llama import FloatLlama
from tiny import Tiny

TARGET = os.environ.get("INGOT_TARGET", "arm64-linux")
UNSUPPORTED = 77
ROW = next(row for row in json.loads(ingot("targets", "-o", "json").stdout)
           if row["name"] == TARGET)
LEVELS = [level["name"] for level in ROW["levels"]]

# Where the reference's best two logits are this far apart, the best token is the model's.
CLEAR = 0.5
TOKENS = 24


def clear_steps(logits):
    top = np.sort(np.partition(logits, -2, axis=1)[:, -2:], axis=1)
    return top[:, 1] - top[:, 0] >= CLEAR


class Target(TestCase):
    def check_top_tokens(self, expected, found, what):
        clear = clear_steps(expected)
        wrong = clear & (expected.argmax(axis=1) != found.argmax(axis=1))
        print(f"{what}: {clear.sum()} of {len(clear)} steps are clear, {wrong.sum()} differ")
        self.assertGreater(clear.sum(), len(clear) // 4)
        self.assertEqual(wrong.sum(), 0)

    def test_tiny_models(self):
        for model, *options in (
                (Tiny("tied", tied=True), "--kv", "f16"),
                (Tiny("shared", blocks=2, hidden=64, ffn=96, heads=4, kv_heads=2, head_dim=32,
                      sharing="immediate", repeat=2, tied=False), "--kv", "q8")):
            directory = self.folder / model.name
            # Validated, that is run at every level, by the compiler itself.
            compile_model(model.write(self.folder / f"{model.name}-in"), directory, "--target",
                          TARGET, "--cpu", ",".join(LEVELS), "--quant", "f32", *options)
            sequences = [model.ids(100, 1), model.ids(7, 2)]
            reference = model.reference()
            expected = np.concatenate([reference.logits(s) for s in sequences])
            for level in LEVELS:
                single = evaluate(directory, sequences, "--chunk", 1, "-t", 1, "--level", level)
                self.check_top_tokens(expected, single, f"{model.name} at {level}")
                found = evaluate(directory, sequences, "--chunk", 7, "-t", 2, "--level", level)
                self.assertTrue((found.view(np.uint32) == single.view(np.uint32)).all())

    def test_smollm2(self):
        directory = self.folder / "smollm2"
        compile_model(smollm2_gguf(), directory, "--name", "smollm2", "--target", TARGET, "--cpu",
                      ",".join(LEVELS), "--validate", "none")
        # The text that this machine's own code goes on with, and the exact weights' opinion of it.
        prompt = tokenize(SMOLLM2, "The three most important inventions are")
        text = list(prompt)
        while len(text) < TOKENS:
            text.append(int(evaluate(SMOLLM2, [text])[-1].argmax()))
        native = evaluate(SMOLLM2, [text])
        exact = FloatLlama.from_gguf(smollm2_gguf()).logits(text)
        for level in LEVELS:
            found = evaluate(directory, [text], "--chunk", 32, "--level", level)
            self.check_top_tokens(exact, found, f"smollm2 at {level}, against the exact weights")
            self.check_top_tokens(native, found, f"smollm2 at {level}, against this machine")
        words = ingot("run", directory, "-p", "The three most important inventions are", "-n", 4,
                      "--level", LEVELS[-1]).stdout
        self.assertEqual(words, ingot("run", SMOLLM2, "-p",
                                      "The three most important inventions are", "-n", 4).stdout)

    def test_a_machine_below_every_level(self):
        cpus = [level.get("emulated_cpu") for level in ROW["levels"]]
        if len(cpus) == 1:
            return
        directory = self.folder / "out"
        model = Tiny("demanding", blocks=1)
        compile_model(model.write(self.folder / "model"), directory, "--target", TARGET, "--cpu",
                      ",".join(LEVELS[1:]))
        script = INGOT.parents[1] / "lib/ingot" / TARGET / "run.sh"
        ids = self.folder / "ids.txt"
        ids.write_text("1 2 3\n")
        command = ["/bin/sh", script, cpus[0], directory / model.name, "--ingot-verb", "eval",
                   "--tokens", ids, "--logits", self.folder / "logits.npy"]
        self.assertIn("compiled for no instruction set that this machine has",
                      run(command, expect=MISSING).stderr.decode())
        # And it takes the best of what the machine has.
        command[2] = cpus[1]
        run(command)

    def test_bench(self):
        directory = self.folder / "out"
        compile_model(Tiny("benched", blocks=1).write(self.folder / "model"), directory,
                      "--target", TARGET)
        rows = json.loads(ingot("bench", directory, "-p", 16, "-n", 4, "-r", 1, "-t", 1, "-o",
                                "json").stdout)
        self.assertEqual([row["test"] for row in rows], ["pp16", "tg4", "start"])
        self.assertGreater(rows[-1]["first_token_ms"], 0)

    @unittest.skipUnless(ROW["runs"] == "emulator", "runs here")
    def test_without_the_emulator(self):
        directory = self.folder / "out"
        model = Tiny("alone", blocks=1)
        compile_model(model.write(self.folder / "model"), directory, "--target", TARGET)
        process = ingot("run", directory, "-p", "x", expect=MISSING,
                        env=os.environ | {"PATH": str(self.folder)})
        self.assertIn(f"which target '{TARGET}' needs; get it with '", process.stderr.decode())
        listed = ingot("targets", env=os.environ | {"PATH": str(self.folder)}).stdout.decode()
        self.assertIn("    missing: ", listed)


if __name__ == "__main__":
    if ROW["runs"] == "no" or not ROW["compiles"] or ROW["missing"]:
        print(f"UNSUPPORTED: {TARGET}: {ROW}")
        sys.exit(UNSUPPORTED)
    main()
