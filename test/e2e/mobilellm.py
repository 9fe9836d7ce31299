"""The MobileLLM family as its authors publish it: geometry, parameters, keys of config.json, and the
tensors with their names, shapes and oddities. Nothing here comes from Ingot."""

import json
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Size:
    yaml: str
    hidden: int
    ffn: int
    blocks: int
    heads: int
    kv_heads: int
    parameters: int
    tied: bool = True
    layer_sharing: bool = False
    dtype: str = "f16"        # of the file; the config always says float16
    stray_head: bool = False  # one more [vocab, hidden] that a tied model does not use
    vocab: int = 32000
    head_dim: int = 64

    def tensors(self):
        """{name: shape} of the published file."""
        d, f, kv = self.hidden, self.ffn, self.kv_heads * self.head_dim
        out = {"model.embed_tokens.weight": (self.vocab, d)}
        for i in range(self.blocks):
            out |= {f"model.layers.{i}.{name}.weight": shape for name, shape in {
                "self_attn.q_proj": (self.heads * self.head_dim, d),
                "self_attn.k_proj": (kv, d),
                "self_attn.v_proj": (kv, d),
                "self_attn.o_proj": (d, self.heads * self.head_dim),
                "mlp.gate_proj": (f, d),
                "mlp.up_proj": (f, d),
                "mlp.down_proj": (d, f),
                "input_layernorm": (d,),
                "post_attention_layernorm": (d,),
            }.items()}
        out["model.norm.weight"] = (d,)
        if self.stray_head or not self.tied:
            out["lm_head.weight"] = (self.vocab, d)
        return out

    def used(self):
        """The names that the model computes with."""
        return {name: shape for name, shape in self.tensors().items()
                if name != "lm_head.weight" or not self.tied}

    def config(self, github=False, context=2048, **changes):
        """config.json: of the model hub (a class of its own, with keys of its own), or of the
        authors' code (a plain Llama; sharing is a command-line flag there)."""
        config = {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama",
            "attention_bias": False, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
            "hidden_size": self.hidden, "initializer_range": 0.02, "intermediate_size": self.ffn,
            "max_position_embeddings": context, "num_attention_heads": self.heads,
            "num_hidden_layers": self.blocks, "num_key_value_heads": self.kv_heads,
            "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": None, "rope_theta": 10000.0,
            "tie_word_embeddings": False, "torch_dtype": "float16",
            "transformers_version": "4.41.2", "use_cache": not self.layer_sharing,
            "vocab_size": self.vocab,
        }
        if not github:
            config |= {
                "architectures": ["MobileLLMForCausalLM"], "model_type": "mobilellm",
                "auto_map": {"AutoConfig": "configuration_mobilellm.MobileLLMConfig"},
                "attention_dropout": 0.0, "mlp_bias": False, "head_dim": self.head_dim,
                "layer_sharing": self.layer_sharing, "share_embedding": self.tied,
            }
        config |= changes
        return json.dumps({key: value for key, value in config.items() if value is not ...},
                          indent=2)

    def weights(self, seed=1):
        """Random values under the published names, scaled so that activations keep their size."""
        random = np.random.default_rng(seed)
        out = {}
        for name, shape in self.tensors().items():
            if len(shape) == 1:
                out[name] = random.uniform(0.5, 1.5, shape)
            else:
                scale = 1 if "embed" in name else shape[1] ** -0.5
                out[name] = random.standard_normal(shape, dtype=np.float32) * np.float32(scale)
        return {name: value.astype(np.float32) for name, value in out.items()}


SIZES = {
    "125M": Size("mobilellm-125m", 576, 1536, 30, 9, 3, 124_635_456),
    "LS-125M": Size("mobilellm-125m-ls", 576, 1536, 30, 9, 3, 124_635_456, layer_sharing=True),
    "350M": Size("mobilellm-350m", 960, 2560, 32, 15, 5, 345_355_200),
    "LS-350M": Size("mobilellm-350m-ls", 960, 2560, 32, 15, 5, 345_355_200, layer_sharing=True),
    "600M": Size("mobilellm-600m", 1152, 3072, 40, 18, 6, 603_188_352, dtype="bf16",
                 stray_head=True),
    "1B": Size("mobilellm-1b", 1280, 3584, 54, 20, 5, 1_005_461_760, dtype="bf16",
               stray_head=True),
    "1.5B": Size("mobilellm-1.5b", 1600, 4352, 54, 25, 5, 1_562_388_800, tied=False),
}
