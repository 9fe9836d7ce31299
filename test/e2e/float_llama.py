"""An independent float32 Llama: the outside reference of the end-to-end tests.

Knows nothing of Ingot. Weights come dequantised from a GGUF (by the `gguf` package) or from plain
arrays under their Hugging Face names; the arithmetic is NumPy's, so every matrix product is BLAS.
Rows of several sequences go through the matrices together, attention is done sequence by sequence.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Config:
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    eps: float
    theta: float
    rope: str  # "half": pairs (i, i + head_dim/2); "interleaved": pairs (2i, 2i + 1)


@dataclass
class Block:
    """One block's weights, every matrix as [outputs, inputs]."""

    attn_norm: np.ndarray
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    o: np.ndarray
    ffn_norm: np.ndarray
    gate: np.ndarray
    up: np.ndarray
    down: np.ndarray


@dataclass
class Sequence:
    """The state of one text: keys and values per run of a block, [kv_heads, position, head_dim]."""

    position: int = 0
    keys: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)


HF_BLOCK = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "q": "self_attn.q_proj", "k": "self_attn.k_proj", "v": "self_attn.v_proj",
    "o": "self_attn.o_proj", "gate": "mlp.gate_proj", "up": "mlp.up_proj", "down": "mlp.down_proj",
}
GGUF_BLOCK = {
    "attn_norm": "attn_norm", "ffn_norm": "ffn_norm", "q": "attn_q", "k": "attn_k", "v": "attn_v",
    "o": "attn_output", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
}


class FloatLlama:
    def __init__(self, config, embedding, blocks, final_norm, head=None, order=None):
        """`order`: the blocks in order of execution; a block that stands twice runs twice."""
        self.config = config
        self.embedding = embedding
        self.blocks = blocks
        self.final_norm = final_norm
        self.head = embedding if head is None else head
        self.order = list(range(len(blocks))) if order is None else order

    @classmethod
    def from_hf(cls, config, tensors, num_blocks, order=None):
        """`tensors`: arrays by Hugging Face name; without `lm_head.weight` the embedding is tied."""
        def get(name):
            return np.asarray(tensors[name], dtype=np.float32)

        blocks = [
            Block(**{key: get(f"model.layers.{i}.{name}.weight") for key, name in HF_BLOCK.items()})
            for i in range(num_blocks)
        ]
        head = get("lm_head.weight") if "lm_head.weight" in tensors else None
        return cls(config, get("model.embed_tokens.weight"), blocks, get("model.norm.weight"),
                   head, order)

    @classmethod
    def from_gguf(cls, path):
        import gguf

        reader = gguf.GGUFReader(str(path))
        tensors = {t.name: t for t in reader.tensors}

        def value(key, default=None):
            found = reader.get_field(f"llama.{key}")
            return default if found is None else found.contents()

        def get(name):
            tensor = tensors[name]
            return np.ascontiguousarray(
                gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)

        heads = value("attention.head_count")
        config = Config(
            hidden=value("embedding_length"),
            heads=heads,
            kv_heads=value("attention.head_count_kv", heads),
            head_dim=value("attention.key_length", value("embedding_length") // heads),
            eps=value("attention.layer_norm_rms_epsilon"),
            theta=value("rope.freq_base", 10000.0),
            rope="interleaved",  # what a GGUF of this architecture holds its q and k rows for
        )
        blocks = [
            Block(**{key: get(f"blk.{i}.{name}.weight") for key, name in GGUF_BLOCK.items()})
            for i in range(value("block_count"))
        ]
        head = get("output.weight") if "output.weight" in tensors else None
        return cls(config, get("token_embd.weight"), blocks, get("output_norm.weight"), head)

    def hidden(self, sequences, tokens):
        """Feeds tokens[i] (a list of ids) behind sequences[i]; the normed last states, all rows."""
        counts = [len(t) for t in tokens]
        starts = np.concatenate([[0], np.cumsum(counts)])
        positions = np.concatenate(
            [s.position + np.arange(n) for s, n in zip(sequences, counts)])
        rotation = self._rotation(positions)
        x = self.embedding[np.concatenate([np.asarray(t, dtype=np.int64) for t in tokens])]
        for run, index in enumerate(self.order):
            block = self.blocks[index]
            y = self._norm(x, block.attn_norm)
            q = self._rope(self._heads(y @ block.q.T), *rotation)
            k = self._rope(self._heads(y @ block.k.T), *rotation)
            v = self._heads(y @ block.v.T)
            mixed = np.concatenate([
                self._attention(sequence, run, q[a:b], k[a:b], v[a:b])
                for sequence, a, b in zip(sequences, starts[:-1], starts[1:])
            ])
            x = x + mixed @ block.o.T
            y = self._norm(x, block.ffn_norm)
            x = x + (silu(y @ block.gate.T) * (y @ block.up.T)) @ block.down.T
        for sequence, n in zip(sequences, counts):
            sequence.position += n
        return self._norm(x, self.final_norm)

    def logits(self, tokens):
        """[len(tokens), vocabulary]: row i after token i, from an empty state."""
        return self.hidden([Sequence()], [tokens]) @ self.head.T

    def greedy(self, prompts, steps):
        """Continues every prompt by its most likely tokens: (ids, logits) of [prompt, step]."""
        sequences = [Sequence() for _ in prompts]
        tokens = prompts
        chosen, rows = [], []
        for _ in range(steps):
            hidden = self.hidden(sequences, tokens)
            last = hidden[np.cumsum([len(t) for t in tokens]) - 1]
            rows.append(last @ self.head.T)
            chosen.append(rows[-1].argmax(axis=1))
            tokens = [[int(t)] for t in chosen[-1]]
        return np.stack(chosen, axis=1), np.stack(rows, axis=1)

    def _norm(self, x, weight):
        mean = np.mean(np.square(x, dtype=np.float64), axis=-1, keepdims=True)
        return (x / np.sqrt(mean + self.config.eps)).astype(np.float32) * weight

    def _heads(self, x):
        return x.reshape(len(x), -1, self.config.head_dim)

    def _rotation(self, positions):
        half = self.config.head_dim // 2
        frequency = self.config.theta ** (-np.arange(half, dtype=np.float64) / half)
        angle = positions[:, None, None] * frequency
        return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)

    def _rope(self, x, cos, sin):
        out = np.empty_like(x)
        half = x.shape[-1] // 2
        if self.config.rope == "interleaved":
            first, second = np.s_[..., 0::2], np.s_[..., 1::2]
        else:
            first, second = np.s_[..., :half], np.s_[..., half:]
        a, b = x[first], x[second]
        out[first] = a * cos - b * sin
        out[second] = a * sin + b * cos
        return out

    def _attention(self, sequence, run, q, k, v):
        """q [rows, heads, d], k and v [rows, kv_heads, d] at this run; the mix as [rows, heads * d]."""
        rows, heads, dim = q.shape
        k, v = k.transpose(1, 0, 2), v.transpose(1, 0, 2)
        if run in sequence.keys:
            k = np.concatenate([sequence.keys[run], k], axis=1)
            v = np.concatenate([sequence.values[run], v], axis=1)
        sequence.keys[run], sequence.values[run] = k, v
        group = heads // self.config.kv_heads
        visible = np.arange(k.shape[1]) <= sequence.position + np.arange(rows)[:, None]
        out = np.empty((rows, heads, dim), dtype=np.float32)
        for head in range(heads):
            score = (q[:, head] @ k[head // group].T) / np.float32(np.sqrt(dim))
            score = np.where(visible, score, np.float32(-np.inf))
            weight = np.exp(score - score.max(axis=1, keepdims=True))
            out[:, head] = (weight / weight.sum(axis=1, keepdims=True)) @ v[head // group]
        return out.reshape(rows, heads * dim)


def silu(x):
    with np.errstate(over="ignore"):  # exp(-x) is infinite for very negative x: the limit is -0
        return x / (1 + np.exp(-x))


def log_softmax(logits):
    """Over the last axis, sums in float64."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True, dtype=np.float64))
