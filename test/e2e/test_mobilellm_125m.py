"""MobileLLM-125M and LS-125M at their true size: generated weights compile and run, and the published
file's format goes all the way to logits that NumPy computes as well."""

import json

import numpy as np

import torch_file
from common import ROOT, TestCase, compile_model, evaluate, ingot, main
from float_llama import Config, FloatLlama
from mobilellm import SIZES
from torch_file import Tensor

IDS = [1, *(int(i) for i in np.random.default_rng(5).integers(3, 32000, 39))]
# 480 MB of f32: written once, beside the program. The small models are validated at every compile.
OPTIONS = ("--weights", "sidecar", "--emit", "exe", "--validate", "none")


class TrueSize(TestCase):
    def test_generated_weights(self):
        logits = {}
        for name in ("125M", "LS-125M"):
            size, out = SIZES[name], self.folder / name
            compile_model(ROOT / f"examples/archs/{size.yaml}.yaml", out, "--weights-from",
                          "random:1", *OPTIONS)
            report = json.loads(ingot("inspect", out, "-o", "json").stdout)
            self.assertEqual(report["parameters"], size.parameters)
            logits[name] = evaluate(out, [IDS], "--chunk", 32)
            self.assertEqual(logits[name].shape, (len(IDS), 32000))
            self.assertTrue(np.isfinite(logits[name]).all())
            self.assertTrue(0.1 < logits[name].std() < 10, logits[name].std())
        # The same weights, run once and twice.
        self.assertGreater(np.abs(logits["125M"] - logits["LS-125M"]).max(), 0.1)

    def test_import_of_ls_125m(self):
        size, folder = SIZES["LS-125M"], self.folder / "model"
        folder.mkdir()
        (folder / "config.json").write_text(size.config())
        tensors = {n: Tensor.of(v, "f16") for n, v in size.weights().items()}
        torch_file.save(folder / "pytorch_model.bin", tensors)
        out = self.folder / "out"
        compile_model(folder, out, "--quant", "keep", "--kv", "f32", *OPTIONS)
        values = {n: torch_file.decode(t.storage.data, "f16", t.shape) for n, t in tensors.items()}
        config = Config(size.hidden, size.heads, size.kv_heads, size.head_dim, 1e-5, 10000.0, "half")
        order = [block for block in range(size.blocks) for _ in range(2)]
        expected = FloatLlama.from_hf(config, values, size.blocks, order).logits(IDS)
        error = np.abs(evaluate(out, [IDS], "--chunk", 32) - expected).max()
        print(f"LS-125M from pytorch_model.bin: largest difference {error:.1e} of logits up to "
              f"{np.abs(expected).max():.0f}")
        self.assertLess(error, 1e-3)


if __name__ == "__main__":
    main()
