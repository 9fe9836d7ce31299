"""The C API of a compiled model, by ctypes: what `ingot compile --emit so` leaves in a folder.

Every status is checked; a failed call raises IngotError with the runtime's own sentence. The folder
holds everything: nothing here is particular to one model.
"""

import ctypes
import json
import mmap
import pathlib

import numpy as np

NO_BOS = 2  # INGOT_TOKENIZE_NO_BOS
BUFFER_TOO_SMALL = 5  # INGOT_BUFFER_TOO_SMALL

_U32, _SIZE, _POINTER = ctypes.c_uint32, ctypes.c_size_t, ctypes.c_void_p


class IngotError(RuntimeError):
    """A call of the runtime failed."""


class _SessionOptions(ctypes.Structure):
    """ingot_session_options."""

    _fields_ = [
        ("size", _U32), ("context", _U32), ("threads", _U32), ("prefill_chunk", _U32),
        ("max_lookup", _U32), ("cpu_count", _U32), ("cpus", _POINTER), ("parallel_for", _POINTER),
        ("parallel_for_user", _POINTER), ("team", _POINTER), ("log", _POINTER), ("log_user", _POINTER),
        ("level", ctypes.c_char_p), ("weights", _POINTER), ("weights_bytes", _SIZE),
        ("weights_of", _POINTER), ("copy_weights", _U32), ("reserved", _U32),
    ]


class Model:
    """A compiled model: its tokenizer and its numbers."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.name = json.loads((self.directory / "report.json").read_text())["name"]
        self._library = library = ctypes.CDLL(str((self.directory / f"lib{self.name}.so").resolve()))
        library.ingot_status_string.restype = ctypes.c_char_p
        for function, result in {"ingot_model_vocab_size": _U32, "ingot_model_max_context": _U32,
                                 "ingot_model_bos": ctypes.c_int32, "ingot_model_add_bos": ctypes.c_int,
                                 "ingot_model_weights": _POINTER}.items():
            getattr(library, function).restype = result
            getattr(library, function).argtypes = [_POINTER]
        library.ingot_model_eos.restype = ctypes.POINTER(ctypes.c_int32)
        entry = getattr(library, f"ingot_model_{self.name.replace('-', '_')}")
        entry.restype = _POINTER
        self.handle = _POINTER(entry())
        self.vocab_size = library.ingot_model_vocab_size(self.handle)
        self.max_context = library.ingot_model_max_context(self.handle)
        self.bos = library.ingot_model_bos(self.handle)  # -1: none
        count = _SIZE()
        eos = library.ingot_model_eos(self.handle, ctypes.byref(count))
        self.eos = [eos[i] for i in range(count.value)]

    def call(self, function, *arguments):
        self.check(getattr(self._library, function)(*arguments))

    def check(self, status):
        if status != 0:
            raise IngotError(self._library.ingot_status_string(status).decode())

    def tokenize(self, text, flags=0):
        """Ids of `text`, with BOS in front where the model adds it and `flags` allow it."""
        data = text.encode()
        count = _SIZE(len(data) + 2)
        while True:
            ids = np.empty(max(count.value, 1), np.int32)
            status = self._library.ingot_tokenize(
                self.handle, data, _SIZE(len(data)), _U32(flags), _POINTER(ids.ctypes.data),
                ctypes.byref(count))
            if status & 0xFF != BUFFER_TOO_SMALL:
                self.check(status)
                return ids[:count.value].tolist()

    def detokenize(self, ids):
        """The text of `ids`; bytes that are no UTF-8 (yet) become U+FFFD."""
        ids = np.asarray(ids, np.int32)
        size = _SIZE(0)
        text = ctypes.create_string_buffer(1)
        while True:
            status = self._library.ingot_detokenize(
                self.handle, _POINTER(ids.ctypes.data), _SIZE(len(ids)), text, ctypes.byref(size))
            if status & 0xFF != BUFFER_TOO_SMALL:
                self.check(status)
                return text.raw[:size.value].decode(errors="replace")
            text = ctypes.create_string_buffer(size.value)


class Session:
    """A text that a model has read. `tokens` are those fed so far."""

    def __init__(self, model, threads=0, context=0, huge_pages=False):
        self.model = model
        self.tokens = []
        self.handle = _POINTER()
        options = _SessionOptions(size=ctypes.sizeof(_SessionOptions), threads=threads,
                                  context=context, copy_weights=huge_pages)
        if not model._library.ingot_model_weights(model.handle):  # a sidecar: mapped as long as we live
            with open(model.directory / f"{model.name}.weights", "rb") as file:
                self._weights = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            view = np.frombuffer(self._weights, np.uint8)
            options.weights, options.weights_bytes = view.ctypes.data, len(view)
        model.call("ingot_session_create", model.handle, ctypes.byref(options), None, _SIZE(0),
                   ctypes.byref(self.handle))

    def close(self):
        if self.handle:
            self.model._library.ingot_session_destroy(self.handle)
            self.handle = _POINTER()

    __del__ = close

    def rewind(self, position):
        self.model.call("ingot_session_rewind", self.handle, _SIZE(position))
        del self.tokens[position:]

    def common(self, tokens):
        """How many of `tokens` the session has read already, from the beginning."""
        count = 0
        for ours, theirs in zip(self.tokens, tokens):
            if ours != theirs:
                break
            count += 1
        return count

    def feed(self, tokens):
        if tokens:
            ids = np.asarray(tokens, np.int32)
            self.model.call("ingot_session_prefill", self.handle, _POINTER(ids.ctypes.data),
                            _SIZE(len(ids)))
            self.tokens += tokens

    def feed_logits(self, tokens):
        """Feeds `tokens` and returns the logits after each, float32 [tokens, vocabulary]."""
        ids = np.asarray(tokens, np.int32)
        logits = np.empty((len(ids), self.model.vocab_size), np.float32)
        self.model.call("ingot_session_prefill_logits", self.handle, _POINTER(ids.ctypes.data),
                        _SIZE(len(ids)), _POINTER(logits.ctypes.data))
        self.tokens += tokens
        return logits
