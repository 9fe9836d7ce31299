"""Files as torch.save writes them, without torch: names, opcodes, records and their order.

The pickle is written by Python's own pickler over stand-ins for torch's classes, so it has the
opcodes of a real file. The archive is written by hand, for its writer in PyTorch differs from
Python's: sizes stand behind the bytes, records begin at multiples of 64, and the end records of
ZIP64 are always there.
"""

import io
import pickle
import struct
import sys
import types
import zlib
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

TYPES = {"f16": "HalfStorage", "bf16": "BFloat16Storage", "f32": "FloatStorage",
         "i64": "LongStorage"}
WIDTH = {"f16": 2, "bf16": 2, "f32": 4, "i64": 8}


def encode(array, dtype):
    """The bytes of a float array in `dtype`; bf16 rounds to nearest even."""
    array = np.ascontiguousarray(array, dtype=np.float32)
    if dtype == "f16":
        return array.astype(np.float16).tobytes()
    if dtype == "f32":
        return array.tobytes()
    bits = array.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).tobytes()


def decode(data, dtype, shape):
    """Those bytes as float32, exactly."""
    if dtype == "f16":
        return np.frombuffer(data, np.float16).astype(np.float32).reshape(shape)
    if dtype == "f32":
        return np.frombuffer(data, np.float32).reshape(shape)
    bits = np.frombuffer(data, np.uint16).astype(np.uint32) << 16
    return bits.view(np.float32).reshape(shape)


@dataclass
class Storage:
    dtype: str
    data: bytes = None  # None: `elements` zeros that take no room on the disk
    elements: int = 0
    location: str = "cpu"

    def __post_init__(self):
        if self.data is not None:
            self.elements = len(self.data) // WIDTH[self.dtype]


@dataclass
class Tensor:
    storage: Storage
    shape: tuple
    offset: int = 0
    strides: tuple = None  # None: contiguous
    parameter: bool = False

    @classmethod
    def of(cls, array, dtype):
        return cls(Storage(dtype, encode(array, dtype)), tuple(np.shape(array)))

    @classmethod
    def zeros(cls, shape, dtype):
        return cls(Storage(dtype, None, int(np.prod(shape, dtype=np.int64))), tuple(shape))

    def all_strides(self):
        if self.strides is not None:
            return self.strides
        out = [1]
        for extent in reversed(self.shape[1:]):
            out.insert(0, out[0] * extent)
        return tuple(out[:len(self.shape)])


def fake_torch():
    """Modules with the names that a checkpoint refers to."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in TYPES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
        def function():
            raise AssertionError("never called")
        function.__name__ = function.__qualname__ = name
        function.__module__ = "torch._utils"
        setattr(utils, name, function)
    torch._utils = utils
    return {"torch": torch, "torch._utils": utils}


def state_dict_pickle(tensors, ordered=True):
    """(data.pkl, storages by key). `ordered`: as state_dict() gives it, an OrderedDict with the
    modules' versions as an attribute; else a plain dict, as save_pretrained writes."""
    modules = fake_torch()
    utils, keys, storages = modules["torch._utils"], {}, {}

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            if not isinstance(value, Storage):
                return None
            key = keys.setdefault(id(value), str(len(keys)))
            storages[key] = value
            kind = getattr(modules["torch"], TYPES[value.dtype])
            return ("storage", kind, key, value.location, value.elements)

        def reducer_override(self, value):
            if not isinstance(value, Tensor):
                return NotImplemented
            made = (utils._rebuild_tensor_v2, (value.storage, value.offset, value.shape,
                                               value.all_strides(), False, OrderedDict()))
            if not value.parameter:
                return made
            inner = Tensor(value.storage, value.shape, value.offset, value.strides)
            return utils._rebuild_parameter, (inner, True, OrderedDict())

    state = dict(tensors)
    if ordered:
        state = OrderedDict(state)
        paths = ["", *(".".join(name.split(".")[:n]) for name in tensors
                       for n in range(1, name.count(".") + 1))]
        state._metadata = OrderedDict((path, {"version": 1}) for path in paths)
    out = io.BytesIO()
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    try:
        Pickler(out, protocol=2).dump(state)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return out.getvalue(), storages


class Archive:
    """A ZIP as PyTorch's writer makes it. Attributes that tests change before the write of a record:
    `method`, `flags`."""

    ALIGNMENT = 64

    def __init__(self, file):
        self.file = file
        self.directory = []
        self.method, self.flags = 0, 0x0808

    def record(self, name, data, zeros=0):
        """`zeros`: that many of them in place of `data`, as a hole, and no checksum."""
        name = name.encode()
        at = self.file.tell()
        size = zeros if data is None else len(data)
        crc = 0 if data is None else zlib.crc32(data)

        def extra64(packed):
            wide = [size, packed] * (size >= 0xFFFFFFFF) + [at] * (at >= 0xFFFFFFFF)
            return struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""

        central = extra64(size)
        padding = -(at + 30 + len(name) + len(central) + 4) % self.ALIGNMENT
        extra = extra64(0) + b"FB" + struct.pack("<H", padding) + b"Z" * padding
        self.file.write(struct.pack("<4s5H3I2H", b"PK\3\4", 0, self.flags, self.method, 0, 0, 0, 0, 0,
                                    len(name), len(extra)) + name + extra)
        if data is None:
            self.file.seek(size, io.SEEK_CUR)
        else:
            self.file.write(data)
        sizes = struct.pack("<2Q" if central else "<2I", size, size)
        self.file.write(b"PK\7\10" + struct.pack("<I", crc) + sizes)
        narrow = min(size, 0xFFFFFFFF)
        self.directory.append(
            struct.pack("<4s6H3I5H2I", b"PK\1\2", 0, 0, self.flags, self.method, 0, 0, crc, narrow,
                        narrow, len(name), len(central), 0, 0, 0, 0, min(at, 0xFFFFFFFF))
            + name + central)

    def finish(self):
        begin = self.file.tell()
        directory = b"".join(self.directory)
        self.file.write(directory)
        end64 = self.file.tell()
        count, size = len(self.directory), len(directory)
        self.file.write(struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x031E, 45, 0, 0, count, count, size,
                                    begin))
        self.file.write(struct.pack("<4sIQI", b"PK\6\7", 0, end64, 1))
        self.file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, min(count, 0xFFFF),
                                    min(count, 0xFFFF), size, min(begin, 0xFFFFFFFF), 0))


def save(path, tensors, ordered=True, modern=False, folder=None):
    """Writes `tensors` (Tensor by name) to `path`. `modern`: with the notes of PyTorch 2.1 to 2.7."""
    data, storages = state_dict_pickle(tensors, ordered)
    folder = folder or path.stem
    with open(path, "wb") as file:
        archive = Archive(file)
        archive.record(f"{folder}/data.pkl", data)
        if modern:
            archive.record(f"{folder}/.format_version", b"1")
            archive.record(f"{folder}/.storage_alignment", b"64")
            archive.record(f"{folder}/byteorder", b"little")
        for key, storage in storages.items():
            archive.record(f"{folder}/data/{key}", storage.data,
                           storage.elements * WIDTH[storage.dtype])
        archive.record(f"{folder}/version", b"3\n")
        if modern:
            archive.record(f"{folder}/.data/serialization_id", b"0" * 40)
        archive.finish()
