"""What the tests of the executable share: the model of FakeModel.cpp, and what it must answer.

ctest sets INGOT_FAKE, the folder with `fake`, `fake-no-tokenizer`, `fake-no-level`, `fake-sidecar`.
No test needs the compiler.
"""

import math
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

FAKE = pathlib.Path(os.environ["INGOT_FAKE"])
DONE, FAILED, USAGE, UNSUPPORTED, MISSING = 0, 1, 2, 3, 5
VOCAB, CONTEXT, BOS, SPECIAL = 259, 1 << 20, 256, 258


def run(*arguments, program="fake", expect=DONE, input=b"", **kwargs):
    process = subprocess.run([FAKE / program, *map(str, arguments)], input=input,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **kwargs)
    if process.returncode != expect:
        raise AssertionError(f"exit code {process.returncode}, expected {expect}: {arguments}\n"
                             f"{process.stderr.decode(errors='replace')}")
    return process


def verb(name, *arguments, **kwargs):
    return run("--ingot-verb", name, *arguments, **kwargs)


def read_npy(path):
    """Shape and flat values, by the format's specification."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:10 + length])
    assert (10 + length) % 64 == 0 and data[9 + length:10 + length] == b"\n"
    assert header["descr"] == "<f4" and header["fortran_order"] is False
    values = struct.unpack(f"<{math.prod(header['shape'])}f", data[10 + length:])
    return header["shape"], values


def expected_logits(ids):
    """What FakeModel.cpp computes, as float32 values."""
    rows = []
    for position, last in enumerate(ids):
        before = ids[position - 1] if position else 0
        successor = {ord("z"): 257, ord("m"): SPECIAL, SPECIAL: ord("n"), ord("!"): ord("!")}.get(
            last, last + 1 if ord("a") <= last < ord("z") else ord("a"))
        rows.extend((before * 31 + v * 17) % 64 / 64 + (12 if v == successor else 0)
                    for v in range(VOCAB))
    return rows


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path
