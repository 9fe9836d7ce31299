"""Broken files through the driver: an error that names the file, never a signal, never an output.

The readers themselves run under the sanitizers in their unit tests; here it is the whole program.
"""

import json
import struct

import numpy as np

import hostile_gguf
from common import FAILED, OK, UNSUPPORTED, TestCase, compile_model, evaluate, ingot, main
from tiny import DEFAULT

REFUSED = (FAILED, UNSUPPORTED)


class Hostile(TestCase):
    def assertRefused(self, name, path):
        """Refused with a message about this file; nothing on stdout, no half-made output."""
        out = self.folder / f"out-{name}"
        process = compile_model(path, out, expect=None)
        message = process.stderr.decode(errors="replace")
        with self.subTest(name=name):
            self.assertIn(process.returncode, REFUSED, message[-500:])
            self.assertIn("error: ", message)
            self.assertIn(path.name, message)
            self.assertEqual(process.stdout, b"")
            self.assertFalse(out.exists())
            self.assertNotIn("PLEASE submit a bug report", message)

    def test_gguf_that_is_whole(self):
        """The file that all the others are made from is a model: the refusals have other reasons."""
        path = self.folder / "whole.gguf"
        path.write_bytes(hostile_gguf.Gguf().bytes())
        ingot("inspect", path)
        compile_model(path, self.folder / "out")
        self.assertTrue(np.isfinite(evaluate(self.folder / "out", [[1, 2, 3]])).all())

    def test_gguf_lies(self):
        lies = hostile_gguf.lies()
        for name, data in lies:
            path = self.folder / f"{name}.gguf"
            path.write_bytes(data)
            self.assertRefused(name, path)
            path.unlink()
        print(f"{len(lies)} headers refused")

    def test_gguf_truncations(self):
        for name, data in hostile_gguf.truncations(60):
            path = self.folder / f"{name}.gguf"
            path.write_bytes(data)
            self.assertRefused(name, path)

    def test_gguf_bit_flips(self):
        """A flipped bit is an error or another valid file; either way the program ends by itself."""
        counts = {}
        for name, data in hostile_gguf.bit_flips(120):
            path = self.folder / f"{name}.gguf"
            path.write_bytes(data)
            code = ingot("inspect", path, expect=None, timeout=60).returncode
            self.assertIn(code, (OK, *REFUSED), name)
            counts[code] = counts.get(code, 0) + 1
        print(f"exit codes of bit flips: {counts}")
        self.assertGreater(counts.get(FAILED, 0), 20)

    def test_gguf_with_bad_numbers(self):
        for value in (float("nan"), float("inf"), float("-inf")):
            file = hostile_gguf.Gguf()
            data = bytearray(file.data)
            name, _, _, offset = file.tensors[4]
            data[offset:offset + 4] = struct.pack("<f", value)
            file.data = bytes(data)
            path = self.folder / "numbers.gguf"
            path.write_bytes(file.bytes())
            process = compile_model(path, self.folder / "out", expect=FAILED)
            self.assertIn(f"'{name}'", process.stderr.decode())
            self.assertFalse((self.folder / "out").exists())

    def test_safetensors(self):
        path = DEFAULT.write(self.folder / "model")
        file = path.with_name("model.safetensors")
        whole = file.read_bytes()
        size = struct.unpack("<Q", whole[:8])[0]
        header = json.loads(whole[8:8 + size])
        first = next(name for name in header if name != "__metadata__")

        def pack(text, data=whole[8 + size:]):
            return struct.pack("<Q", len(text)) + text.encode() + data

        def changed(**fields):
            return pack(json.dumps({**header, first: {**header[first], **fields}}))

        begin, end = header[first]["data_offsets"]
        text = json.dumps(header)
        cases = {
            "empty": b"",
            "cut-in-length": whole[:7],
            "cut-in-header": whole[:8 + size // 2],
            "cut-in-data": whole[:-1],
            "one-more-byte": whole + b"\0",
            "header-0": struct.pack("<Q", 0) + whole[8:],
            **{f"header-{n}": struct.pack("<Q", n) + whole[8:]
               for n in hostile_gguf.BOUNDARY[2:] + [100_000_001]},
            "not-json": pack("x" * size),
            "array": pack("[]"),
            "deep": pack("[" * 100_000),
            "deep-objects": pack('{"a":' * 100_000),
            "key-twice": pack("{" + f'"{first}":' + json.dumps(header[first]) + "," + text[1:]),
            "no-utf8": struct.pack("<Q", size) + whole[8:12] + b"\xff\xfe" + whole[14:],
            "begin-after-end": changed(data_offsets=[end, begin]),
            "beyond-the-end": changed(data_offsets=[begin, 2**40]),
            "negative-offset": changed(data_offsets=[-4, end]),
            "offset-2^64": changed(data_offsets=[begin, 2**64]),
            "fraction": changed(data_offsets=[begin, end - 0.5]),
            "three-offsets": changed(data_offsets=[begin, end, end]),
            "shape-product-wraps": changed(shape=[2**33, 2**33]),
            "shape-negative": changed(shape=[-1, 48]),
            "shape-other": changed(shape=[1, 2]),
            "dtype": changed(dtype="F7"),
            "dtype-missing": pack(json.dumps({**header, first: {"shape": [1]}})),
            "overlap": changed(data_offsets=[begin + 4, end + 4]),
        }
        for name, data in cases.items():
            file.write_bytes(data)
            out = self.folder / "out"
            process = compile_model(path, out, expect=None)
            with self.subTest(name=name):
                self.assertIn(process.returncode, REFUSED, process.stderr[-500:])
                self.assertIn("model.safetensors", process.stderr.decode(errors="replace"))
                self.assertFalse(out.exists())

    def test_yaml(self):
        path = DEFAULT.write(self.folder / "model")
        whole = path.read_text()
        cases = {
            "empty": "", "scalar": "42\n", "list": "- 1\n", "binary": "\x01\x02\x03",
            "unclosed": whole + "x: {a: [1,\n",
            "key-twice": whole + "name: other\n",
            "unknown-key": whole + "colour: red\n",
            "unknown-inner-key": whole.replace("vocab_size", "vocabulary_size"),
            "missing-key": whole.replace("  hidden_size: 48\n", ""),
            "version": whole.replace("ingot: 1", "ingot: 2"),
            "anchor": whole.replace("num_heads: 3", "num_heads: &a 3"),
            "alias": whole.replace("num_heads: 3", "num_heads: &a 3").replace(
                "num_kv_heads: 1", "num_kv_heads: *a"),
            "tag": whole.replace("num_heads: 3", "num_heads: !!int 3"),
            "float-for-integer": whole.replace("num_heads: 3", "num_heads: 3.5"),
            "text-for-integer": whole.replace("num_heads: 3", "num_heads: three"),
            "negative": whole.replace("num_heads: 3", "num_heads: -3"),
            "zero": whole.replace("num_heads: 3", "num_heads: 0"),
            "overflow": whole.replace("num_heads: 3", "num_heads: 99999999999999999999"),
            "huge": whole.replace("num_layers: 2", "num_layers: 4294967296"),
            "kv-heads": whole.replace("num_kv_heads: 1", "num_kv_heads: 2"),
            "odd-head-dim": whole.replace("head_dim: 16", "head_dim: 15"),
            "sharing": whole.replace("scheme: none", "scheme: sometimes"),
            "activation": whole.replace("silu", "tanh"),
            "no-weights": whole.replace("model.safetensors", "missing.safetensors"),
            "deep": "a: " + "[" * 50_000,
        }
        for name, text in cases.items():
            path.write_text(text)
            with self.subTest(name=name):
                process = compile_model(path, self.folder / "out", expect=None)
                message = process.stderr.decode(errors="replace")
                self.assertIn(process.returncode, REFUSED, message[-500:])
                place = r"(:\d+:\d+)?" if name in ("deep", "no-weights") else r":\d+:\d+"
                self.assertRegex(message, rf"\.(yaml|safetensors){place}: error: ")
                self.assertFalse((self.folder / "out").exists())

    def test_things_that_are_no_model(self):
        (self.folder / "empty-folder").mkdir()
        (self.folder / "noise.gguf").write_bytes(bytes(range(256)) * 16)
        for name in ("empty-folder", "noise.gguf", "absent.gguf", "absent.yaml"):
            self.assertRefused(name, self.folder / name)


if __name__ == "__main__":
    main()
