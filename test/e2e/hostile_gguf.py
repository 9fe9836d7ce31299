"""Small GGUF files, whole and broken: a real tiny Llama, then every way of lying in its header."""

import random
import struct

import numpy as np

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
BOUNDARY = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]
GGML_F32 = 0


def text(value):
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, payload):
    return text(key) + struct.pack("<I", kind) + payload


def strings(values):
    return struct.pack("<IQ", STRING, len(values)) + b"".join(text(v) for v in values)


class Gguf:
    """A file as the list of its parts, so that a part can be exchanged for a lie."""

    def __init__(self, hidden=32, ffn=48, blocks=1, heads=2, kv_heads=1, seed=5):
        head_dim = hidden // heads
        visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
        others = [b for b in range(256) if b not in visible]
        tokens = ["<|endoftext|>", *(chr(b) for b in visible),
                  *(chr(256 + i) for i in range(len(others))), "he", "ll"]
        vocab = len(tokens)
        self.version, self.magic, self.padding = 3, b"GGUF", 32
        self.count_kv = self.count_tensors = None  # None: the true number
        self.kv = [
            entry("general.architecture", STRING, text("llama")),
            entry("llama.block_count", U32, struct.pack("<I", blocks)),
            entry("llama.context_length", U32, struct.pack("<I", 128)),
            entry("llama.embedding_length", U32, struct.pack("<I", hidden)),
            entry("llama.feed_forward_length", U32, struct.pack("<I", ffn)),
            entry("llama.attention.head_count", U32, struct.pack("<I", heads)),
            entry("llama.attention.head_count_kv", U32, struct.pack("<I", kv_heads)),
            entry("llama.attention.layer_norm_rms_epsilon", F32, struct.pack("<f", 1e-5)),
            entry("llama.rope.dimension_count", U32, struct.pack("<I", head_dim)),
            entry("llama.rope.freq_base", F32, struct.pack("<f", 10000)),
            entry("llama.vocab_size", U32, struct.pack("<I", vocab)),
            entry("tokenizer.ggml.model", STRING, text("gpt2")),
            entry("tokenizer.ggml.pre", STRING, text("smollm")),
            entry("tokenizer.ggml.tokens", ARRAY, strings(tokens)),
            entry("tokenizer.ggml.token_type", ARRAY, struct.pack("<IQ", I32, vocab)
                  + struct.pack(f"<{vocab}i", 3, *[1] * (vocab - 1))),
            entry("tokenizer.ggml.merges", ARRAY, strings(["h e", "l l"])),
            entry("tokenizer.ggml.eos_token_id", U32, struct.pack("<I", 0)),
            entry("tokenizer.ggml.add_bos_token", BOOL, b"\0"),
        ]
        kv = kv_heads * head_dim
        shapes = {"token_embd.weight": (vocab, hidden), "output_norm.weight": (hidden,)}
        for i in range(blocks):
            shapes |= {f"blk.{i}.{n}.weight": s for n, s in {
                "attn_norm": (hidden,), "ffn_norm": (hidden,), "attn_q": (hidden, hidden),
                "attn_k": (kv, hidden), "attn_v": (kv, hidden), "attn_output": (hidden, hidden),
                "ffn_gate": (ffn, hidden), "ffn_up": (ffn, hidden), "ffn_down": (hidden, ffn),
            }.items()}
        chance = np.random.default_rng(seed)
        self.tensors, self.data = [], b""
        for name, shape in shapes.items():
            self.tensors.append([name, shape[::-1], GGML_F32, len(self.data)])
            values = chance.standard_normal(shape) / np.sqrt(shape[-1])
            self.data += values.astype("<f4").tobytes()
            self.data += bytes(-len(self.data) % 32)

    def header(self):
        out = self.magic + struct.pack(
            "<IQQ", self.version,
            len(self.tensors) if self.count_tensors is None else self.count_tensors,
            len(self.kv) if self.count_kv is None else self.count_kv)
        out += b"".join(self.kv)
        for name, shape, kind, offset in self.tensors:
            out += text(name) + struct.pack("<I", len(shape))
            out += struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, offset)
        return out

    def bytes(self):
        out = self.header()
        return out + bytes(-len(out) % self.padding) + self.data


def lies():
    """(name, bytes): handcrafted headers that must be refused, each for one reason."""
    def make(name, change):
        file = Gguf()
        change(file)
        return name, file.bytes()

    def replace(key, kind, payload):
        def change(file):
            index = next(i for i, e in enumerate(file.kv) if e.startswith(text(key)))
            file.kv[index] = entry(key, kind, payload)
        return change

    def drop(key):
        def change(file):
            file.kv = [e for e in file.kv if not e.startswith(text(key))]
        return change

    def tensor(index, part, value):
        def change(file):
            file.tensors[index][part] = value
        return change

    out = [
        make("magic", lambda f: setattr(f, "magic", b"GGUL")),
        make("version-0", lambda f: setattr(f, "version", 0)),
        make("version-1", lambda f: setattr(f, "version", 1)),
        make("version-99", lambda f: setattr(f, "version", 99)),
        make("version-swapped", lambda f: setattr(f, "version", 3 << 24)),
        make("no-entries", lambda f: setattr(f, "kv", [])),
        make("no-tensors", lambda f: setattr(f, "tensors", [])),
        make("key-twice", lambda f: f.kv.append(f.kv[1])),
        make("key-empty", lambda f: f.kv.append(entry("", U32, bytes(4)))),
        make("value-type", lambda f: f.kv.append(entry("x.y", 77, bytes(8)))),
        make("array-of-arrays", lambda f: f.kv.append(
            entry("x.y", ARRAY, struct.pack("<IQ", ARRAY, 1) + bytes(12)))),
        make("bool-2", replace("tokenizer.ggml.add_bos_token", BOOL, b"\2")),
        make("architecture-type", replace("general.architecture", U32, bytes(4))),
        make("hidden-type", replace("llama.embedding_length", STRING, text("32"))),
        make("hidden-other", replace("llama.embedding_length", U32, struct.pack("<I", 36))),
        make("heads-0", replace("llama.attention.head_count", U32, bytes(4))),
        make("kv-heads-3", replace("llama.attention.head_count_kv", U32, struct.pack("<I", 3))),
        make("epsilon-nan", replace("llama.attention.layer_norm_rms_epsilon", F32,
                                    struct.pack("<f", float("nan")))),
        make("tokens-type", replace("tokenizer.ggml.tokens", ARRAY,
                                    struct.pack("<IQ", I32, 4) + bytes(16))),
        make("merge-unknown", replace("tokenizer.ggml.merges", ARRAY, strings(["q zz"]))),
        make("merge-one-part", replace("tokenizer.ggml.merges", ARRAY, strings(["he"]))),
        make("eos-out-of-range", replace("tokenizer.ggml.eos_token_id", U32,
                                         struct.pack("<I", 2**31))),
        make("tensor-twice", lambda f: f.tensors.append(list(f.tensors[-1]))),
        make("tensor-missing", lambda f: f.tensors.pop()),
        make("tensor-name", tensor(3, 0, "blk.99999999999.attn_q.weight")),
        make("tensor-name-long", tensor(3, 0, "x" * 70000)),
        make("tensor-shape", tensor(2, 1, (31,))),
        make("tensor-no-dims", tensor(2, 1, ())),
        make("tensor-5-dims", tensor(2, 1, (2, 2, 2, 2, 2))),
        make("tensor-type", tensor(0, 2, 9999)),
        make("tensor-overlap", tensor(1, 3, 0)),
        make("tensor-unaligned", tensor(1, 3, Gguf().tensors[1][3] + 4)),
        make("alignment-0", lambda f: f.kv.append(entry("general.alignment", U32, bytes(4)))),
        make("alignment-3", lambda f: f.kv.append(
            entry("general.alignment", U32, struct.pack("<I", 3)))),
        make("alignment-huge", lambda f: f.kv.append(
            entry("general.alignment", U32, struct.pack("<I", 1 << 31)))),
        make("alignment-type", lambda f: f.kv.append(entry("general.alignment", STRING, text("8")))),
    ]
    out += [make(f"without-{key}", drop(key)) for key in (
        "general.architecture", "llama.block_count", "llama.embedding_length",
        "llama.attention.head_count", "llama.feed_forward_length",
        "llama.attention.layer_norm_rms_epsilon")]
    for value in BOUNDARY:
        file = Gguf()
        if value != len(file.kv):
            out.append(make(f"count-kv-{value}", lambda f: setattr(f, "count_kv", value)))
        out.append(make(f"count-tensors-{value}", lambda f: setattr(f, "count_tensors", value)))
        if value != 0:
            out.append(make(f"offset-{value}", tensor(0, 3, value)))
        out.append(make(f"dim-{value}", tensor(0, 1, (32, value))))
        out.append(make(f"dims-{value}", tensor(0, 1, (value, 2**32, 2**32, 2))))
        out.append(make(f"string-{value}", replace(
            "general.architecture", STRING, struct.pack("<Q", value) + b"llama")))
        if value != 0:  # no merges at all is a valid vocabulary
            out.append(make(f"array-{value}", replace(
                "tokenizer.ggml.merges", ARRAY, struct.pack("<IQ", STRING, value))))
        out.append(make(f"blocks-{value}", replace(
            "llama.block_count", U64, struct.pack("<Q", value))))
    return [(name, data) for name, data in out if name != "blocks-1"]  # that one is true


def truncations(count, seed=1):
    """(name, bytes): the file cut at lengths spread over header and data."""
    data = Gguf().bytes()
    chance = random.Random(seed)
    header = len(Gguf().header())
    cuts = {0, 1, 3, 4, 8, 16, 24, len(data) - 1, *(chance.randrange(header) for _ in range(count))}
    return [(f"cut-{n}", data[:n]) for n in sorted(cuts)]


def bit_flips(count, seed=2):
    """(name, bytes): one to four flipped bits in the header: an error, or another valid meaning."""
    data = Gguf().bytes()
    header = len(Gguf().header())
    chance = random.Random(seed)
    out = []
    for i in range(count):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 4))):
            changed[chance.randrange(header)] ^= 1 << chance.randrange(8)
        out.append((f"flip-{i}", bytes(changed)))
    return out
