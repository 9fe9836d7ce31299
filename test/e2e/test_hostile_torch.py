"""Broken and malicious pytorch_model.bin through the driver: refused by name, nothing of them run.

The readers run under the sanitizers in their unit tests, over every opcode and several thousand
damaged files; here it is the whole program, and attacks as Python's own pickler writes them.
"""

import io
import os
import pickle
import random
import struct
import zipfile

import torch_file
from common import FAILED, OK, UNSUPPORTED, TestCase, compile_model, ingot, main
from mobilellm import Size
from torch_file import Tensor

SIZE = Size("hostile", hidden=48, ffn=80, blocks=2, heads=3, kv_heads=1, parameters=0, vocab=99,
            head_dim=16)


class Call:
    """Pickles as a call of a function when it is loaded."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class HostileTorch(TestCase):
    def setUp(self):
        super().setUp()
        self.model = self.folder / "model"
        self.model.mkdir()
        # A plain Llama: resolving it already opens the weights.
        (self.model / "config.json").write_text(SIZE.config(github=True))
        self.path = self.model / "pytorch_model.bin"
        self.tensors = {n: Tensor.of(v, "f16") for n, v in SIZE.weights().items()}
        self.witness = self.folder / "witness"

    def archive(self, pickled, **records):
        """A whole archive of the model but for `pickled` in place of data.pkl."""
        _, storages = torch_file.state_dict_pickle(self.tensors)
        with open(self.path, "wb") as file:
            archive = torch_file.Archive(file)
            archive.record("m/data.pkl", pickled)
            for key, storage in storages.items():
                archive.record(f"m/data/{key}", storage.data)
            archive.record("m/version", b"3\n")
            archive.finish()

    def refused(self, what, code=None):
        for command in (["inspect", self.model], ["compile", self.model, "-o", self.folder / "out"]):
            process = ingot(*command, expect=code)
            message = process.stderr.decode()
            self.assertIn(process.returncode, (FAILED, UNSUPPORTED), message)
            self.assertIn("pytorch_model.bin: error: ", message)
            self.assertIn(what, message)
            self.assertEqual(process.stdout, b"")
            self.assertFalse((self.folder / "out").exists())
            self.assertFalse(self.witness.exists(), "something of the file was run")

    def test_the_file_that_all_are_made_from_is_a_model(self):
        data, _ = torch_file.state_dict_pickle(self.tensors)
        self.archive(data)
        ingot("inspect", self.model)

    def test_pickles_that_would_run_something(self):
        shell = f"touch {self.witness}"
        attacks = {
            "posix.system": Call(os.system, shell),
            "__builtin__.eval": Call(eval, f"open({str(self.witness)!r}, 'w')"),
            "__builtin__.exec": Call(exec, f"open({str(self.witness)!r}, 'w')"),
            "io.open": Call(open, str(self.witness), "w"),
            "__builtin__.getattr": Call(getattr, 1, "real"),
        }
        for name, attack in attacks.items():
            for state in (attack, {"a": attack}):
                with self.subTest(name=name):
                    data = pickle.dumps(state, protocol=2)
                    self.archive(data)
                    self.refused(f"the pickle names '{name}'", UNSUPPORTED)
        # Hidden before a whole dict of tensors: the call's result is thrown away by the state.
        good, _ = torch_file.state_dict_pickle(self.tensors)
        evil = b"cposix\nsystem\n(X" + struct.pack("<I", len(shell)) + shell.encode() + b"tR"
        self.archive(good[:2] + evil + good[2:])
        self.refused("the pickle names 'posix.system'", UNSUPPORTED)
        for protocol in (0, 1, 3, 4, 5):
            self.archive(pickle.dumps(attacks["posix.system"], protocol=protocol))
            self.refused("pickle", None)
        self.archive(b"\x80\x02X\x05\0\0\0posixX\x06\0\0\0system\x93.")
        self.refused("the opcode STACK_GLOBAL (0x93)", UNSUPPORTED)
        self.archive(b"\x80\x02(X\x02\0\0\0idios\nsystem\n.")
        self.refused("the opcode INST (0x69)", UNSUPPORTED)

    def zipped(self, compression=zipfile.ZIP_STORED, comment=b"", extra=()):
        data, storages = torch_file.state_dict_pickle(self.tensors)
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            archive.writestr("m/data.pkl", data)
            for key, storage in storages.items():
                archive.writestr(f"m/data/{key}", storage.data)
            for name, content in extra:
                archive.writestr(name, content)
            archive.writestr("m/version", "3\n")
            archive.comment = comment
        return out.getvalue()

    def test_archives_of_other_writers(self):
        self.path.write_bytes(self.zipped())
        self.assertEqual(ingot("inspect", self.model).returncode, OK)
        cases = {
            "is compressed (method 8)": self.zipped(zipfile.ZIP_DEFLATED),
            "is compressed (method 14)": self.zipped(zipfile.ZIP_LZMA),
            "has a comment": self.zipped(comment=b"hello"),
            "is not part of a checkpoint": self.zipped(extra=[("m/code/evil.py", "import os")]),
            "is not in the folder": self.zipped(extra=[("n/data/0", "x")]),
            "not a relative path": self.zipped(extra=[("m/../../x", "x")]),
            "belongs to no tensor": self.zipped(extra=[("m/data/99", "x")]),
            "is no ZIP archive": b"#!/bin/sh\n" + self.zipped(),
            "the central directory does not end where": b"PK\3\4 in front" + self.zipped(),
            "end record": self.zipped()[:-1],
        }
        for what, data in cases.items():
            with self.subTest(what=what):
                self.path.write_bytes(data)
                self.refused(what)

    def test_a_bomb_of_zeros(self):
        """42 MB that would unpack from 41 kB: refused by its method, never unpacked."""
        self.path.write_bytes(self.zipped(zipfile.ZIP_DEFLATED, extra=[("m/data/99", bytes(42 << 20))]))
        self.assertLess(self.path.stat().st_size, 1 << 20)
        self.refused("is compressed (method 8)", UNSUPPORTED)

    def test_damage(self):
        """Flipped bits, overwritten and missing bytes: an error, or a model whose numbers are finite."""
        torch_file.save(self.path, self.tensors)
        whole = self.path.read_bytes()
        head, tail = whole.index(b"/data/0"), whole.index(b"PK\1\2")
        generator, counts = random.Random(1), {}
        for number in range(220):
            data = bytearray(whole)
            begin, end = ((0, head), (tail, len(whole)), (0, len(whole)))[number % 3]
            at = generator.randrange(begin, end)
            kind = number % 4
            if kind == 0:
                data[at] ^= 1 << generator.randrange(8)
            elif kind == 1:
                data[at:at + 8] = struct.pack("<Q", generator.choice(
                    [0, 2**31, 2**32 - 1, 2**32, 2**63, 2**64 - 1]))
            elif kind == 2:
                del data[at:at + generator.randrange(1, 64)]
            else:
                data = data[:at]
            self.path.write_bytes(data)
            code = ingot("inspect", self.model, expect=None, timeout=60).returncode
            self.assertIn(code, (OK, FAILED, UNSUPPORTED), number)
            counts[code] = counts.get(code, 0) + 1
        print(f"exit codes of damaged files: {counts}")
        self.assertGreater(counts[FAILED], 100)


if __name__ == "__main__":
    main()
