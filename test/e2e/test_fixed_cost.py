"""Instructions of a decoded token that no kernel executes, counted by callgrind and pinned.

They are exact and equal on every machine, unlike times. A tiny model of 30 blocks has the launches,
shares and barriers of a real one. Two runs of different lengths are subtracted, so that what
happens once does not count; kernels are told from the rest by their symbols.
"""

import collections
import shutil
import unittest
from pathlib import Path

from common import TestCase, build_c, compile_model, main, run
from tiny import Tiny

BLOCKS, VOCABULARY = 30, 512
SHORT, LONG = 8, 40  # tokens generated; all within the first block of the KV cache
SLACK = 1.02  # for another version of the C compiler

# What was counted when the line was last changed. Raise a number only with a reason in the commit.
STRAIGHT_CODE_OF_A_BLOCK = 644  # decode(): shares of the threads and calls of the kernels
RUNTIME_OF_A_TOKEN = 1000  # from ingot_session_generate to the entry, 125 barriers of one thread included
CHOICE_OF_A_LOGIT = 3.8  # the greedy choice, for each word of the vocabulary


def self_costs(path):
    """{function: instructions of its own} of a callgrind file."""
    costs, function, inclusive = collections.Counter(), None, False
    for line in path.read_text().splitlines():
        if line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            inclusive = True  # the next line is what the callee took
        elif line[:1].isdigit():
            if not inclusive:
                costs[function] += int(line.split()[1])
            inclusive = False
    return costs


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class FixedCost(TestCase):
    def count(self, program, tokens):
        out = self.folder / f"callgrind.{tokens}"
        run(["valgrind", "--tool=callgrind", "--compress-strings=no", "--compress-pos=no",
             f"--callgrind-out-file={out}", program, tokens])
        return self_costs(out)

    def test_outside_the_kernels(self):
        model = Tiny("tiny", hidden=64, ffn=96, blocks=BLOCKS, heads=4, kv_heads=2,
                     vocab=VOCABULARY).write(self.folder / "model")
        out = self.folder / "out"
        # valgrind knows no AVX-512; what is counted here is the same code at every level.
        compile_model(model, out, "--cpu", "avx2", "--quant", "q4", "--validate", "none")
        program = build_c(Path(__file__).with_name("fixed_cost.c"), self.folder / "fixed_cost",
                          f"-I{out}", out / "libtiny.a")
        costs = self.count(program, LONG)
        costs.subtract(self.count(program, SHORT))
        token = {name: cost / (LONG - SHORT) for name, cost in costs.items()}

        kernels = sum(cost for name, cost in token.items() if name.startswith("ingot_k_"))
        straight = sum(cost for name, cost in token.items() if name.startswith("decode("))
        choice = token["ingot::largestLogit(float const*, unsigned int)"]
        runtime = sum(token.values()) - kernels - straight - choice
        print(f"{straight / BLOCKS:.0f} instructions a block, {runtime:.0f} a token in the runtime, "
              f"{choice / VOCABULARY:.2f} a logit; kernels {kernels:.0f} a token")
        self.assertGreater(kernels, 10 * BLOCKS * STRAIGHT_CODE_OF_A_BLOCK)  # they were found
        for name, found, pinned in (("block", straight / BLOCKS, STRAIGHT_CODE_OF_A_BLOCK),
                                    ("runtime", runtime, RUNTIME_OF_A_TOKEN),
                                    ("logit", choice / VOCABULARY, CHOICE_OF_A_LOGIT)):
            with self.subTest(name):
                self.assertLessEqual(found, pinned * SLACK)
                # One that fell far wants a new pin, or the next creep goes unseen.
                self.assertGreaterEqual(found, pinned * 0.8)


if __name__ == "__main__":
    main()
