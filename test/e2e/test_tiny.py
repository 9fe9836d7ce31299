"""Small random Llamas, `--quant f32 --kv f32`: within 1e-3 of NumPy, over the architecture's corners.

The sequences are longer than two 64-position blocks of the KV cache, and fed token by token as well
as in chunks.
"""

import numpy as np

from common import TestCase, compile_model, evaluate, main
from tiny import Tiny

MODELS = [
    Tiny("half-tied", rope="half", heads=3, kv_heads=1),
    Tiny("interleaved-untied", rope="interleaved", tied=False, hidden=40, heads=5, kv_heads=5,
         head_dim=8, ffn=56, vocab=257),
    Tiny("odd", tied=False, hidden=50, heads=8, kv_heads=2, head_dim=6, ffn=37, vocab=61, blocks=1),
    Tiny("wide-heads", rope="interleaved", hidden=36, heads=4, kv_heads=1, head_dim=20, theta=1e5,
         eps=1e-6),
    Tiny("shared-immediate", blocks=3, sharing="immediate", repeat=2),
    Tiny("shared-repeat-all", blocks=3, sharing="repeat_all", repeat=2),
    Tiny("shared-reverse", blocks=2, sharing="reverse", repeat=3, tied=False),
]


class TinyModels(TestCase):
    pass


def add_test(model):
    def test(self):
        directory = self.folder / "out"
        compile_model(model.write(self.folder / "model"), directory, "--quant", "f32", "--kv", "f32")
        reference = model.reference()
        sequences = [model.ids(150, 1), model.ids(1, 2), model.ids(model.context, 3)]
        expected = np.concatenate([reference.logits(s) for s in sequences])
        self.assertGreater(np.abs(expected).max(), 1)
        for chunk in (1, 128):
            found = evaluate(directory, sequences, "--chunk", chunk, "-t", 2)
            self.assertEqual(found.shape, expected.shape)
            error = np.abs(found - expected).max()
            print(f"{model.name}, chunk {chunk}: largest difference {error:.1e}")
            self.assertLess(error, 1e-3)

    setattr(TinyModels, f"test_{model.name.replace('-', '_')}", test)


for tiny_model in MODELS:
    add_test(tiny_model)

if __name__ == "__main__":
    main()
