"""Small random Llamas: an architecture YAML with its safetensors, and the float computation of it."""

from dataclasses import dataclass

import numpy as np
from safetensors.numpy import save_file

from float_llama import Config, FloatLlama


@dataclass
class Tiny:
    name: str
    hidden: int = 48
    ffn: int = 80
    blocks: int = 2
    heads: int = 3
    kv_heads: int = 1
    head_dim: int = 16
    vocab: int = 99
    context: int = 256
    eps: float = 1e-5
    theta: float = 10000.0
    rope: str = "half"
    tied: bool = True
    sharing: str = "none"
    repeat: int = 1
    seed: int = 1

    def order(self):
        """The blocks in order of execution, as interface.md defines the three schemes."""
        forward = list(range(self.blocks))
        if self.sharing == "immediate":
            return [block for block in forward for _ in range(self.repeat)]
        if self.sharing == "reverse":
            return [block for turn in range(self.repeat)
                    for block in (forward if turn % 2 == 0 else forward[::-1])]
        return forward * self.repeat

    def tensors(self):
        """Random weights under Hugging Face names, scaled so that activations keep their size."""
        random = np.random.default_rng(self.seed)

        def matrix(rows, columns):
            return (random.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

        def norm():
            return random.uniform(0.5, 1.5, self.hidden).astype(np.float32)

        out = {"model.embed_tokens.weight":
               random.standard_normal((self.vocab, self.hidden)).astype(np.float32)}
        query, key = self.heads * self.head_dim, self.kv_heads * self.head_dim
        for i in range(self.blocks):
            block = {
                "input_layernorm": norm(), "post_attention_layernorm": norm(),
                "self_attn.q_proj": matrix(query, self.hidden),
                "self_attn.k_proj": matrix(key, self.hidden),
                "self_attn.v_proj": matrix(key, self.hidden),
                "self_attn.o_proj": matrix(self.hidden, query),
                "mlp.gate_proj": matrix(self.ffn, self.hidden),
                "mlp.up_proj": matrix(self.ffn, self.hidden),
                "mlp.down_proj": matrix(self.hidden, self.ffn),
            }
            out |= {f"model.layers.{i}.{name}.weight": value for name, value in block.items()}
        out["model.norm.weight"] = norm()
        if not self.tied:
            out["lm_head.weight"] = 3 * matrix(self.vocab, self.hidden)
        return out

    def yaml(self):
        sharing = (f"{{scheme: {self.sharing}, repeat: {self.repeat}}}"
                   if self.sharing != "none" else "{scheme: none}")
        return f"""\
ingot: 1
name: {self.name}
architecture:
  hidden_size: {self.hidden}
  intermediate_size: {self.ffn}
  num_layers: {self.blocks}
  num_heads: {self.heads}
  num_kv_heads: {self.kv_heads}
  head_dim: {self.head_dim}
  vocab_size: {self.vocab}
  max_context: {self.context}
  activation: silu
  norm: {{kind: rms, eps: {self.eps:.6f}}}
  rope: {{theta: {self.theta:.1f}, style: {self.rope}}}
  tie_embeddings: {str(self.tied).lower()}
  layer_sharing: {sharing}
weights: {{path: model.safetensors, names: hf}}
"""

    def write(self, folder):
        """Writes model.yaml and model.safetensors; the path of the YAML."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.tensors(), str(folder / "model.safetensors"))
        path = folder / "model.yaml"
        path.write_text(self.yaml())
        return path

    def reference(self):
        config = Config(self.hidden, self.heads, self.kv_heads, self.head_dim, self.eps, self.theta,
                        self.rope)
        return FloatLlama.from_hf(config, self.tensors(), self.blocks, self.order())

    def ids(self, count, seed=0):
        random = np.random.default_rng([self.seed, seed])
        return [int(i) for i in random.integers(0, self.vocab, count)]


# One model for the tests that need any model at all.
DEFAULT = Tiny("tiny")
