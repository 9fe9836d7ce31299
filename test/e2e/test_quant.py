"""Weight formats and KV types on one small model: coarser than f32, by as much as expected.

The bounds are on the error relative to the spread of the logits. They catch a wrong scale, a wrong
sign or an ignored option, each of which costs a factor of ten and more.
"""

import numpy as np

from common import UNSUPPORTED, TestCase, compile_model, evaluate, main
from tiny import Tiny

MODEL = Tiny("quant", hidden=96, ffn=160, heads=3, kv_heads=1, head_dim=32, vocab=128, tied=False)

# (--quant, --kv): largest allowed root mean square error, in standard deviations of the logits.
BOUNDS = {
    ("f32", "f16"): 0.002,
    ("f32", "q8"): 0.02,
    ("keep", "f32"): 0.0001,
}


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
                if kv != "f32":
                    self.assertGreater(error, 1e-6)  # the option was not ignored

    def test_what_is_missing_is_named(self):
        path = MODEL.write(self.folder / "model")
        for quant in ("q8", "q4"):
            process = compile_model(path, self.folder / "out", "--quant", quant, expect=UNSUPPORTED)
            self.assertIn(f"'--quant {quant}'", process.stderr.decode())
            self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    main()
