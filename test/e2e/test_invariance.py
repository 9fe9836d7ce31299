"""Bit-identical logits for any number of threads and any cutting of the prompt."""

import numpy as np

from common import DATA, SMOLLM2, TestCase, compile_model, evaluate, main, tokenize
from tiny import Tiny

THREADS = (1, 2, 3)
CHUNKS = (1, 7, 32, 128)


class Invariance(TestCase):
    def check(self, directory, sequences):
        expected = evaluate(directory, sequences, "-t", 1, "--chunk", 1).view(np.uint32)
        for threads in THREADS:
            for chunk in CHUNKS:
                with self.subTest(threads=threads, chunk=chunk):
                    found = evaluate(directory, sequences, "-t", threads, "--chunk", chunk)
                    different = np.nonzero((found.view(np.uint32) != expected).any(axis=1))[0]
                    self.assertEqual(len(different), 0, f"first different row: {different[:1]}")

    def test_smollm2(self):
        ids = tokenize(SMOLLM2, (DATA / "dialogue.txt").read_bytes())
        self.check(SMOLLM2, [ids[:150], ids[200:217]])

    def test_tiny_with_shared_blocks(self):
        for quant, kv in (("f32", "f32"), ("f32", "q8"), ("q4", "q8"), ("q8", "f16")):
            model = Tiny(f"shared-{quant}-{kv}", blocks=2, hidden=64, ffn=96, heads=4, kv_heads=2,
                         head_dim=32, sharing="immediate", repeat=2)
            directory = self.folder / model.name
            compile_model(model.write(self.folder / f"{model.name}-in"), directory,
                          "--quant", quant, "--kv", kv)
            self.check(directory, [model.ids(200, 1), model.ids(65, 2)])


if __name__ == "__main__":
    main()
