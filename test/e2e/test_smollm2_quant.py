"""What --quant q4 and q8 cost on a real model: SmolLM2's weights, quantised anew.

The file's own blocks (keep) are the measure: test_smollm2_numbers holds them to within 1 % of the
float computation. So q8 within 5 % / 1 % of keep is within 5 % of float.
"""

import json
import platform

from common import DATA, SMOLLM2, TestCase, compile_model, ingot, main, smollm2_gguf

WINDOW = 512


def perplexity(directory):
    # One thread: the tests that run beside this one leave no second to wait for.
    process = ingot("eval", directory, "--perplexity", DATA / "opticks.txt", "--window", WINDOW,
                    "-t", 1, "-o", "json")
    return json.loads(process.stdout)


class SmolLM2Quant(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = perplexity(SMOLLM2)

    def loss(self, quant):
        keep = self.keep
        self.assertGreaterEqual(keep["tokens"], 10_000)
        directory = self.folder / quant
        compile_model(smollm2_gguf(), directory, "--quant", quant)
        found = perplexity(directory)
        ratio = found["perplexity"] / keep["perplexity"]
        print(f"--quant {quant}: perplexity {found['perplexity']:.4f}, keep "
              f"{keep['perplexity']:.4f}, {ratio - 1:+.2%} over {found['tokens']} tokens")
        return ratio

    def test_q4(self):
        self.assertLess(abs(self.loss("q4") - 1), 0.01)

    def test_q8(self):
        self.assertLess(self.loss("q8"), 1.05 / 1.01)

    def test_every_cache_validates(self):
        """Rounding alone moves this model by as much as the plain bound: no excuse to refuse it."""
        levels = ["host", "sse41"] if platform.machine() == "x86_64" else ["host"]
        for kv in ("f32", "q8"):
            for level in levels:
                directory = self.folder / f"{kv}-{level}"
                compile_model(smollm2_gguf(), directory, "--kv", kv,
                              *([] if level == "host" else ["--cpu", level]))
                self.assertTrue((directory / "report.json").exists())


if __name__ == "__main__":
    main()
