"""SentencePiece models for the tests: found, trained, and written as tokenizer.json and GGUF."""

import base64
import ctypes
import importlib.util
import io
import json
import pathlib
import struct

import sentencepiece

from common import DATA, TEXTS, compile_model
from strings import mixed_strings

YAML = """\
ingot: 1
name: {name}
architecture:
  hidden_size: 32
  intermediate_size: 48
  num_layers: 1
  num_heads: 1
  num_kv_heads: 1
  head_dim: 32
  vocab_size: {vocab}
  max_context: 256
  activation: silu
  norm: {{kind: rms, eps: 1.0e-5}}
  rope: {{theta: 10000.0, style: half}}
  tie_embeddings: true
tokenizer: {{path: {path}{rest}}}
"""


def mistral_v1():
    """A Llama type model with 32,000 pieces; found, not imported."""
    folder = pathlib.Path(importlib.util.find_spec("mistral_common").origin).parent
    return folder / "data/tokenizer.model.v1"


def train(path, **options):
    """A model trained on the test texts and some mixed strings."""
    lines = [line for name in TEXTS
             for line in (DATA / f"{name}.txt").read_text().split("\n") if line.strip()]
    lines += [s for s in mixed_strings(600, seed=77) if "\n" not in s and "\0" not in s]
    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, hard_vocab_limit=False, minloglevel=3,
        num_threads=2, character_coverage=0.998, **options)
    path.write_bytes(out.getvalue())
    return path


def compile_tokenizer(path, folder, name, vocab, rest="", **kwargs):
    """A tiny model with random weights around the tokenizer at `path`."""
    yaml = folder / f"{name}.yaml"
    yaml.write_text(YAML.format(name=name, vocab=vocab, path=path, rest=rest))
    return compile_model(yaml, folder / name, "--weights-from", "random:1", "--quant", "f32",
                         "--emit", "exe,lib,so", **kwargs)


class PieceLibrary:
    """Text to ids and back through the C API of a compiled shared library."""

    def __init__(self, directory, name):
        self.lib = ctypes.CDLL(str(directory / f"lib{name}.so"))
        get = getattr(self.lib, f"ingot_model_{name}")
        get.restype = ctypes.c_void_p
        self.model = ctypes.c_void_p(get())

    def call(self, function, item, data, *flags):
        room = len(data) + 8
        while True:
            count = ctypes.c_size_t(room)
            out = (item * room)()
            status = function(self.model, data, ctypes.c_size_t(len(data)), *flags, out,
                              ctypes.byref(count))
            if status == 0:
                return out[:count.value]
            if count.value <= room:
                raise AssertionError(f"status {status} for {data!r}")
            room = count.value

    def tokenize(self, text, flags=3):  # neither special tokens nor BOS
        data = text.encode() if isinstance(text, str) else text
        return list(self.call(self.lib.ingot_tokenize, ctypes.c_int32, data,
                              ctypes.c_uint32(flags)))

    def detokenize(self, ids):
        return bytes(self.call(self.lib.ingot_detokenize, ctypes.c_char,
                               (ctypes.c_int32 * len(ids))(*ids)))


def fields(data):
    """(number, value) of every field of a protocol buffer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:
            size = {1: 8, 5: 4}.get(tag & 7) or varint()
            yield tag >> 3, data[at:at + size]
            at += size


def charsmap(path):
    normalizer = next(v for k, v in fields(path.read_bytes()) if k == 3)
    return next(v for k, v in fields(normalizer) if k == 2)


def added_tokens(model):
    return [{"id": i, "content": model.id_to_piece(i), "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True}
            for i in range(len(model)) if model.is_control(i) or model.is_unknown(i)]


REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
DECODER = {"type": "Sequence", "decoders": [
    {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
    {"type": "ByteFallback"}, {"type": "Fuse"},
    {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}


def bpe_json(model):
    """As Llama's models are converted: a normaliser for the spaces, every pair a merge."""
    pieces = [model.id_to_piece(i) for i in range(len(model))]
    plain = {p: i for i, p in enumerate(pieces)
             if not (model.is_control(i) or model.is_unknown(i) or model.is_byte(i))}
    # Of one piece's pairs the converter puts those with the longest left half first.
    merges = [(-model.get_score(i), -k, p[:k], p[k:])
              for p, i in plain.items() for k in range(1, len(p))
              if p[:k] in plain and p[k:] in plain]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": added_tokens(model),
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"}, REPLACE]},
        "pre_tokenizer": None, "post_processor": None, "decoder": DECODER,
        "model": {"type": "BPE", "dropout": None, "unk_token": model.id_to_piece(model.unk_id()),
                  "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": True,
                  "byte_fallback": True, "ignore_merges": False,
                  "vocab": {p: i for i, p in enumerate(pieces)},
                  "merges": [[left, right] for *_, left, right in sorted(merges)]},
    }


def unigram_json(model, path):
    """As T5's models are converted: the rules, and Metaspace for the spaces."""
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
                 "split": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": added_tokens(model),
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Precompiled",
             "precompiled_charsmap": base64.b64encode(charsmap(path)).decode()},
            {"type": "Strip", "strip_left": False, "strip_right": True},
            {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}]},
        "pre_tokenizer": metaspace, "post_processor": None, "decoder": metaspace,
        "model": {"type": "Unigram", "unk_id": model.unk_id(), "byte_fallback": False,
                  "vocab": [[model.id_to_piece(i), model.get_score(i)]
                            for i in range(len(model))]},
    }


def write_json(path, content):
    path.write_text(json.dumps(content, ensure_ascii=False))
    return path


def gguf_string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def write_gguf(path, model):
    """The tokenizer keys of a GGUF, as the converter of Llama models writes them."""
    count = len(model)
    kinds = [2 if model.is_unknown(i) else 3 if model.is_control(i) else 6 if model.is_byte(i) else
             5 if model.is_unused(i) else 1 for i in range(count)]

    def array(kind, size, body):
        return struct.pack("<IIQ", 9, kind, size) + body

    keys = {
        "general.architecture": struct.pack("<I", 8) + gguf_string("llama"),
        "tokenizer.ggml.model": struct.pack("<I", 8) + gguf_string("llama"),
        "tokenizer.ggml.tokens": array(8, count, b"".join(
            gguf_string(model.id_to_piece(i)) for i in range(count))),
        "tokenizer.ggml.scores": array(6, count, struct.pack(
            f"<{count}f", *(model.get_score(i) for i in range(count)))),
        "tokenizer.ggml.token_type": array(5, count, struct.pack(f"<{count}i", *kinds)),
        "tokenizer.ggml.bos_token_id": struct.pack("<II", 4, model.bos_id()),
        "tokenizer.ggml.eos_token_id": struct.pack("<II", 4, model.eos_id()),
    }
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(keys)) +
                     b"".join(gguf_string(k) + v for k, v in keys.items()))
    return path
