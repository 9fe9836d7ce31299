"""Weight formats and KV types on one small model: coarser than f32, by as much as expected.

The bounds are on the error relative to the spread of the logits. They catch a wrong scale, a wrong
sign or an ignored option, each of which costs a factor of ten and more.
"""

import json

import numpy as np

from common import UNSUPPORTED, TestCase, compile_model, evaluate, main
from tiny import Tiny

MODEL = Tiny("quant", hidden=96, ffn=160, heads=3, kv_heads=1, head_dim=32, vocab=128, tied=False)

# (--quant, --kv): largest allowed root mean square error, in standard deviations of the logits.
BOUNDS = {
    ("f32", "f16"): 0.002,
    ("f32", "q8"): 0.02,
    ("keep", "f32"): 0.0001,
    ("q8", "f32"): 0.05,
    ("q4", "f32"): 0.2,
    ("q4", "q8"): 0.2,
}
# What is lost must be lost: the option was not ignored.
AT_LEAST = {"f32": 1e-6, "keep": 0, "q8": 0.005, "q4": 0.02}


class Quant(TestCase):
    def test_errors(self):
        path = MODEL.write(self.folder / "model")
        ids = MODEL.ids(150)
        expected = MODEL.reference().logits(ids)
        for (quant, kv), bound in BOUNDS.items():
            with self.subTest(quant=quant, kv=kv):
                directory = self.folder / f"{quant}-{kv}"
                compile_model(path, directory, "--quant", quant, "--kv", kv)
                found = evaluate(directory, [ids], "--chunk", 32)
                error = np.sqrt(np.mean((found - expected) ** 2)) / expected.std()
                print(f"--quant {quant} --kv {kv}: {error:.4f} standard deviations")
                self.assertLess(error, bound)
                if kv != "f32" or quant != "keep":
                    self.assertGreater(error, AT_LEAST[quant])

    def test_loss_is_reported(self):
        path = MODEL.write(self.folder / "model")
        process = compile_model(path, self.folder / "q4", "--quant", "q4")
        self.assertIn("tensors to q4r: mean relative error", process.stderr.decode())
        report = json.loads((self.folder / "q4" / "report.json").read_text())
        rows = {row["tensor"]: row for row in report["quantization"]}
        self.assertEqual(len(rows), 7 * MODEL.blocks + 2)
        for name, row in rows.items():
            vocabulary = name in ("model.embed_tokens.weight", "lm_head.weight")
            self.assertEqual(row["format"], "q8r" if vocabulary else "q4r")
            # A sixteenth of the range of normal numbers, uniformly missed; a 254th.
            self.assertLess(row["relative_error"], 0.02 if vocabulary else 0.1)
            self.assertGreater(row["relative_error"], 0.001)

    def test_odd_widths_are_named(self):
        odd = Tiny("odd", hidden=40, ffn=96, heads=1, kv_heads=1, head_dim=40, vocab=64)
        for quant in ("q8", "q4"):
            process = compile_model(odd.write(self.folder / "odd"), self.folder / "out",
                                    "--quant", quant, expect=UNSUPPORTED)
            self.assertIn("has 40 columns, expected a multiple of 32", process.stderr.decode())
            self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    main()
