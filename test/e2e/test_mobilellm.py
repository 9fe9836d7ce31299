"""The MobileLLM checkpoints as published: every size by name, shape and count, and the quirks of the
real files at a small geometry, held against NumPy.

The files are made here byte for byte as torch.save makes them (torch_file.py); the first test holds
that itself against files that PyTorch wrote.
"""

import hashlib
import json
import os
from dataclasses import replace

import numpy as np

import torch_file
from common import FAILED, OK, ROOT, UNSUPPORTED, TestCase, compile_model, evaluate, ingot, main
from float_llama import Config, FloatLlama
from mobilellm import SIZES, Size
from safetensors.numpy import save_file
from torch_file import Tensor

SMALL = Size("small", hidden=48, ffn=80, blocks=2, heads=3, kv_heads=1, parameters=0, vocab=99,
             head_dim=16)
BOUND = 1e-3


def write_folder(folder, config, tensors, name="pytorch_model.bin", **kwargs):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(config)
    torch_file.save(folder / name, tensors, **kwargs)
    return folder


class TorchFile(TestCase):
    def test_bytes_are_those_of_pytorch(self):
        """sha256 of what PyTorch 1.13 (Debian's) wrote for the same tensors: a module's state_dict
        with a tied embedding in f16; a dict with a view, its base and a bf16 parameter."""
        def halves(begin, *shape):
            count = int(np.prod(shape))
            return Tensor.of(np.arange(begin, begin + count).reshape(shape), "f16")

        embedding = halves(0, 5, 2)
        tied = Tensor(embedding.storage, (5, 2))
        path = self.folder / "golden.bin"
        torch_file.save(path, {"embed.weight": embedding, "layers.0.q_proj.weight": halves(10, 3, 2),
                               "layers.1.q_proj.weight": halves(16, 3, 2), "head.weight": tied})
        self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(),
                         "70f572b1244ef706b7bcf5f4978a0feaa277711af14e3cbae16326e764245a96")
        base = Tensor.of(np.arange(12).reshape(3, 4), "f32")
        parameter = Tensor.of(np.ones((2, 3)), "bf16")
        parameter.parameter = True
        path = self.folder / "golden2.bin"
        torch_file.save(path, {"v": Tensor(base.storage, (2, 4), offset=4), "w": base,
                               "p": parameter}, ordered=False)
        self.assertEqual(hashlib.sha256(path.read_bytes()).hexdigest(),
                         "1075e82f6e24f216a39a0c7a9b96de1895acdfe31cb55d747f20542b018b0cba")


class Published(TestCase):
    """Every size, with files of the true size that are holes on the disk."""

    def test_parameters_of_the_yamls(self):
        for name, size in SIZES.items():
            found = json.loads(ingot("inspect", ROOT / f"examples/archs/{size.yaml}.yaml", "-o",
                                     "json").stdout)
            self.assertEqual(found["parameters"], size.parameters, name)
            self.assertEqual(found["architecture"]["num_runs"],
                             size.blocks * (2 if size.layer_sharing else 1), name)
            self.assertEqual(sum(np.prod(shape, dtype=np.int64) for shape in size.used().values()),
                             size.parameters, name)

    def test_folders(self):
        for name, size in SIZES.items():
            with self.subTest(name=name):
                zeros = {n: Tensor.zeros(shape, size.dtype) for n, shape in size.tensors().items()}
                folder = write_folder(self.folder / name, size.config(), zeros, modern=True)
                found = json.loads(ingot("inspect", folder, "-o", "json").stdout)
                arch = found["architecture"]
                self.assertEqual(found["parameters"], size.parameters)
                self.assertEqual(found["tensors"], {size.dtype: len(zeros)})
                self.assertEqual(arch["tie_embeddings"], size.tied)
                self.assertEqual(arch["layer_sharing"],
                                 "immediate" if size.layer_sharing else "none")
                self.assertEqual(found["kv_bytes_per_token"],
                                 2 * 2 * arch["num_runs"] * size.kv_heads * size.head_dim)
                bytes_on_disk = sum(f.stat().st_blocks * 512 for f in folder.iterdir())
                print(f"{name}: {found['parameters']} parameters, {len(zeros)} tensors, file of "
                      f"{os.path.getsize(folder / 'pytorch_model.bin')} bytes")
                self.assertLess(bytes_on_disk, 50 << 20)  # the holes are holes

                # The same weights fit the YAML of that size, and no other name or shape does.
                yaml = (ROOT / f"examples/archs/{size.yaml}.yaml").read_text()
                begin = yaml.index("weights: {path: ")
                model = folder / "model.yaml"
                model.write_text(yaml[:begin] + "weights: {path: pytorch_model.bin, names: hf}\n")
                ingot("inspect", model)
                del zeros["model.layers.7.mlp.up_proj.weight"]
                torch_file.save(folder / "pytorch_model.bin", zeros)
                self.assertIn(
                    f"tensor 'model.layers.7.mlp.up_proj.weight' is missing, expected "
                    f"[{size.ffn}, {size.hidden}]",
                    ingot("inspect", model, expect=FAILED).stderr.decode())


class Quirks(TestCase):
    """Logits of small checkpoints with the real ones' oddities."""

    def check(self, model, size, values, warning=None, order=None):
        """`values`: what the file holds, by name, as float32."""
        out = self.folder / "out"
        process = compile_model(model, out, "--quant", "f32", "--kv", "f32", "--force")
        message = process.stderr.decode()
        if warning:
            self.assertIn(f"warning: {warning}", message)
        else:
            self.assertNotIn("warning", message)
        config = Config(size.hidden, size.heads, size.kv_heads, size.head_dim, 1e-5, 10000.0, "half")
        order = order or [i for i in range(size.blocks)
                          for _ in range(2 if size.layer_sharing else 1)]
        reference = FloatLlama.from_hf(config, {n: values[n] for n in size.used()}, size.blocks,
                                       order)
        ids = [int(i) for i in np.random.default_rng(3).integers(0, size.vocab, 80)]
        expected = reference.logits(ids)
        error = np.abs(evaluate(out, [ids], "--chunk", 64) - expected).max()
        print(f"{self.id().rpartition('.')[2]}: largest difference {error:.1e}")
        self.assertLessEqual(error, BOUND)
        return expected

    def make(self, size, config=None, dtype=None, **kwargs):
        """A folder with random weights in the size's type: (folder, values)."""
        tensors = {n: Tensor.of(v, dtype or size.dtype) for n, v in size.weights().items()}
        values = {n: torch_file.decode(t.storage.data, t.storage.dtype, t.shape)
                  for n, t in tensors.items()}
        folder = write_folder(self.folder / "model", config or size.config(context=128),
                              tensors, **kwargs)
        return folder, values

    def test_125m(self):
        self.check(*self.with_size(SMALL))

    def with_size(self, size, **kwargs):
        folder, values = self.make(size, **kwargs)
        return folder, size, values

    def test_layer_sharing(self):
        """The key alone says it: names and shapes are those of the model without."""
        self.check(*self.with_size(replace(SMALL, layer_sharing=True)))

    def test_layer_sharing_of_a_plain_config_is_said_in_the_yaml(self):
        folder, values = self.make(SMALL, config=SMALL.config(github=True, context=128))
        out = self.folder / "resolved"
        compile_model(folder, out, "--validate", "none", "--name", "small")
        text = (out / "model.yaml").read_text()
        self.assertIn("scheme: none", text)
        model = folder / "model.yaml"
        model.write_text(text.replace("scheme: none", "scheme: immediate").replace(
            "repeat: 1", "repeat: 2"))
        self.check(model, replace(SMALL, layer_sharing=True), values)

    def test_600m_stray_head_and_bf16_behind_float16(self):
        size = replace(SMALL, dtype="bf16", stray_head=True)
        self.check(*self.with_size(size), warning="tensor 'lm_head.weight' differs from the "
                   "embedding and is ignored: 'tie_embeddings' is true")

    def with_tied_head(self, share):
        size = replace(SMALL, dtype="bf16", stray_head=True)
        tensors = {n: Tensor.of(v, "bf16") for n, v in size.weights().items()}
        embedding = tensors["model.embed_tokens.weight"].storage
        tensors["lm_head.weight"].storage = (
            embedding if share else torch_file.Storage("bf16", embedding.data))
        values = {n: torch_file.decode(t.storage.data, "bf16", t.shape) for n, t in tensors.items()}
        folder = write_folder(self.folder / "model", size.config(context=128), tensors)
        self.check(folder, size, values)

    def test_stray_head_that_equals_the_embedding(self):
        self.with_tied_head(share=False)

    def test_stray_head_in_the_storage_of_the_embedding(self):
        self.with_tied_head(share=True)

    def test_stray_head_may_hold_anything(self):
        """What is ignored is not looked at: a NaN in it is no error."""
        size = replace(SMALL, stray_head=True)
        weights = size.weights()
        weights["lm_head.weight"][:] = np.nan
        folder = write_folder(self.folder / "model", size.config(context=128),
                              {n: Tensor.of(v, "f32") for n, v in weights.items()})
        self.check(folder, SMALL, weights, warning="tensor 'lm_head.weight' differs")

    def test_1_5b_is_untied(self):
        size = replace(SMALL, tied=False)
        self.check(*self.with_size(size))

    def test_1_5b_as_a_plain_llama(self):
        size = replace(SMALL, tied=False)
        folder, values = self.make(size, config=size.config(github=True, context=128))
        self.check(folder, size, values)

    def test_plain_llama_without_a_head_is_tied(self):
        folder, values = self.make(SMALL, config=SMALL.config(github=True, context=128), dtype="f32")
        self.check(folder, SMALL, values)

    def test_plain_llama_with_the_key_of_llama(self):
        size = replace(SMALL, stray_head=True)
        config = size.config(github=True, context=128, tie_word_embeddings=True)
        folder, values = self.make(size, config=config)
        self.check(folder, size, values, warning="tensor 'lm_head.weight' differs")

    def test_absent_keys_of_the_class_mean_its_defaults(self):
        config = SMALL.config(context=128, share_embedding=..., layer_sharing=..., head_dim=...)
        folder, values = self.make(replace(SMALL, stray_head=True), config=config)
        self.check(folder, SMALL, values, warning="tensor 'lm_head.weight' differs")

    def test_one_storage_for_all_and_plain_dict(self):
        """Views of one storage at offsets, as a flattened model is saved."""
        weights = SMALL.weights()
        data = b"".join(torch_file.encode(v, "f16") for v in weights.values())
        storage = torch_file.Storage("f16", data, location="cuda:0")
        tensors, values, offset = {}, {}, 0
        for name, value in weights.items():
            tensors[name] = Tensor(storage, value.shape, offset)
            part = data[2 * offset:2 * (offset + value.size)]
            values[name] = torch_file.decode(part, "f16", value.shape)
            offset += value.size
        folder = write_folder(self.folder / "model", SMALL.config(context=128), tensors,
                              ordered=False, modern=True)
        self.check(folder, SMALL, values)

    def test_rotation_tables_and_parameters(self):
        tensors = {n: Tensor.of(v, "f32") for n, v in SMALL.weights().items()}
        for tensor in tensors.values():
            tensor.parameter = True
        for i in range(SMALL.blocks):
            tensors[f"model.layers.{i}.self_attn.rotary_emb.inv_freq"] = Tensor.of(
                10000.0 ** (-np.arange(8) / 8), "f32")
        folder = write_folder(self.folder / "model", SMALL.config(context=128), tensors)
        self.check(folder, SMALL, SMALL.weights())

    def test_shards(self):
        weights = {n: Tensor.of(v, "f16") for n, v in SMALL.weights().items()}
        folder = self.folder / "model"
        names = sorted(weights)
        parts = {"pytorch_model-00001-of-00002.bin": names[:9],
                 "pytorch_model-00002-of-00002.bin": names[9:]}
        for part, inside in parts.items():
            write_folder(folder, SMALL.config(context=128), {n: weights[n] for n in inside},
                         name=part)
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(
            {"metadata": {}, "weight_map": {n: part for part, inside in parts.items()
                                            for n in inside}}))
        values = {n: torch_file.decode(t.storage.data, "f16", t.shape) for n, t in weights.items()}
        self.check(folder, SMALL, values)

    def test_safetensors_give_the_same_bytes(self):
        folder, values = self.make(SMALL)
        compile_model(folder, self.folder / "a", "--name", "same")
        other = self.folder / "other"
        other.mkdir()
        (other / "config.json").write_text((folder / "config.json").read_text())
        save_file({n: v.astype(np.float16) for n, v in values.items()},
                  str(other / "model.safetensors"))
        compile_model(other, self.folder / "b", "--name", "same")
        for name in ("libsame.a", "same", "same.h"):
            self.assertEqual((self.folder / "a" / name).read_bytes(),
                             (self.folder / "b" / name).read_bytes(), name)


class WrongTensors(TestCase):
    """Each is named, with what was found and what was expected, in either container."""

    Q = "model.layers.1.self_attn.q_proj.weight"
    CASES = {
        "missing": (lambda t: t.pop(WrongTensors.Q),
                    f"tensor '{Q}' is missing, expected [48, 48]", FAILED),
        "missing-norm": (lambda t: t.pop("model.norm.weight"),
                         "tensor 'model.norm.weight' is missing, expected [48]", FAILED),
        "extra": (lambda t: t.update({"model.layers.1.self_attn.q_proj.bias": np.zeros(48)}),
                  "tensor 'model.layers.1.self_attn.q_proj.bias' is not part of this architecture",
                  UNSUPPORTED),
        "extra-block": (lambda t: t.update({"model.layers.2.input_layernorm.weight": np.ones(48)}),
                        "tensor 'model.layers.2.input_layernorm.weight' is not part of this "
                        "architecture", UNSUPPORTED),
        "wrong-name": (lambda t: t.update({"transformer.wte.weight":
                                           t.pop("model.embed_tokens.weight")}),
                       "tensor 'model.embed_tokens.weight' is missing, expected [99, 48]", FAILED),
        "shape": (lambda t: t.update({WrongTensors.Q: np.zeros((48, 32))}),
                  f"tensor '{Q}' is [48, 32], expected [48, 48] from 'hidden_size'", FAILED),
        "transposed": (lambda t: t.update({"model.layers.0.mlp.down_proj.weight":
                                           np.zeros((80, 48))}),
                       "tensor 'model.layers.0.mlp.down_proj.weight' is [80, 48], expected [48, 80] "
                       "from 'hidden_size'", FAILED),
        "rank": (lambda t: t.update({"model.norm.weight": np.ones((1, 48))}),
                 "tensor 'model.norm.weight' is [1, 48], expected [48]", FAILED),
        "nan": (lambda t: t[WrongTensors.Q].__setitem__((1, 2), np.nan),
                f"tensor '{Q}' has a NaN or infinity at element 50", FAILED),
    }

    def refused(self, folder, message, code):
        process = compile_model(folder, self.folder / "out", expect=code)
        self.assertIn(message, process.stderr.decode())
        self.assertFalse((self.folder / "out").exists())

    def test_cases(self):
        for name, (damage, message, code) in self.CASES.items():
            weights = SMALL.weights()
            damage(weights)
            for container in ("pytorch_model.bin", "model.safetensors"):
                with self.subTest(name=name, container=container):
                    folder = self.folder / f"{name}-{container}"
                    folder.mkdir()
                    (folder / "config.json").write_text(SMALL.config(context=128))
                    if container == "pytorch_model.bin":
                        torch_file.save(folder / container, {n: Tensor.of(v, "f16")
                                                             for n, v in weights.items()})
                    else:
                        save_file({n: v.astype(np.float32) for n, v in weights.items()},
                                  str(folder / container))
                    self.refused(folder, f"{container}: error: {message}", code)
                    if name != "nan":  # inspect reads no numbers
                        self.assertIn(message, ingot("inspect", folder, expect=code).stderr.decode())

    def test_untied_without_a_head(self):
        folder = write_folder(self.folder / "model",
                              SMALL.config(context=128, share_embedding=False),
                              {n: Tensor.of(v, "f16") for n, v in SMALL.weights().items()})
        self.refused(folder, "tensor 'lm_head.weight' is missing, expected [99, 48]", FAILED)

    def test_types_and_layouts(self):
        weights = {n: Tensor.of(v, "f16") for n, v in SMALL.weights().items()}
        q = weights[self.Q]
        integers = Tensor(torch_file.Storage("i64", bytes(8 * 48 * 48)), (48, 48))
        turned = Tensor(q.storage, (48, 48), strides=(1, 48))
        past = Tensor(q.storage, (48, 48), offset=1)
        for tensor, message, code in (
                (integers, f"tensor '{self.Q}' has the type 'LongStorage'", UNSUPPORTED),
                (turned, f"tensor '{self.Q}' is not contiguous", UNSUPPORTED),
                (past, f"tensor '{self.Q}' begins at element 1 and ends behind", FAILED)):
            folder = write_folder(self.folder / "model", SMALL.config(context=128),
                                  {**weights, self.Q: tensor})
            self.refused(folder, message, code)

    def test_damage_behind_the_checks_of_shapes(self):
        """A flipped bit in a weight leaves a number; the archive's checksum notices it."""
        folder = write_folder(self.folder / "model", SMALL.config(context=128),
                              {n: Tensor.of(v, "f16") for n, v in SMALL.weights().items()})
        path = folder / "pytorch_model.bin"
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        self.assertEqual(ingot("inspect", folder).returncode, OK)
        self.refused(folder, "the file is damaged", FAILED)


if __name__ == "__main__":
    main()
