"""Ids equal to Hugging Face `tokenizers`, built from the GGUF's vocabulary and merges.

Thousands of strings go through the C API of the shared library, a sample through the command line.
"""

import ctypes
import json
import re

from common import DATA, SMOLLM2, TEXTS, TestCase, ingot, main, smollm2_gguf, tokenize
from strings import mixed_strings

NO_SPECIAL = 1
CONTROL = 3  # a token type of GGUF


def huggingface_tokenizer(path):
    """Byte-level BPE behind single digits: what `tokenizer.ggml.pre` 'smollm' stands for."""
    import gguf
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    reader = gguf.GGUFReader(str(path))
    tokens = reader.get_field("tokenizer.ggml.tokens").contents()
    types = reader.get_field("tokenizer.ggml.token_type").contents()
    merges = [tuple(m.split(" ")) for m in reader.get_field("tokenizer.ggml.merges").contents()]
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    plain = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.add_special_tokens(
        [AddedToken(t, normalized=False, special=True) for t, k in zip(tokens, types)
         if k == CONTROL])
    return tokenizer, plain


def bytes_without_token(tokenizer):
    """The bytes that this vocabulary has no token for; the reference leaves them out of its ids."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in visible]
    letters = {b: chr(b) for b in visible} | {b: chr(256 + i) for i, b in enumerate(others)}
    return bytes(b for b in range(256) if tokenizer.token_to_id(letters[b]) is None)


class Library:
    """ingot_tokenize and ingot_detokenize of a compiled shared library."""

    def __init__(self, path, name):
        self.lib = ctypes.CDLL(str(path))
        get = getattr(self.lib, f"ingot_model_{name}")
        get.restype = ctypes.c_void_p
        self.model = ctypes.c_void_p(get())

    def tokenize(self, data, flags=0):
        count = ctypes.c_size_t(len(data) + 8)
        ids = (ctypes.c_int32 * count.value)()
        status = self.lib.ingot_tokenize(self.model, data, ctypes.c_size_t(len(data)),
                                         ctypes.c_uint32(flags), ids, ctypes.byref(count))
        if status:
            raise AssertionError(f"ingot_tokenize returned {status} for {data!r}")
        return list(ids[:count.value])

    def detokenize(self, ids):
        size = ctypes.c_size_t(64 * len(ids) + 64)
        text = ctypes.create_string_buffer(size.value)
        array = (ctypes.c_int32 * len(ids))(*ids)
        status = self.lib.ingot_detokenize(self.model, array, ctypes.c_size_t(len(ids)), text,
                                           ctypes.byref(size))
        if status:
            raise AssertionError(f"ingot_detokenize returned {status} for {ids}")
        return text.raw[:size.value]


class TokenizerTest(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.special, cls.plain = huggingface_tokenizer(smollm2_gguf())
        cls.library = Library(SMOLLM2 / "libsmollm2.so", "smollm2")
        cls.absent = bytes_without_token(cls.plain)
        cls.strings = mixed_strings(5000, seed=3)

    def test_ids_through_the_library(self):
        wrong = []
        for text in self.strings:
            for reference, flags in ((self.special, 0), (self.plain, NO_SPECIAL)):
                expected = reference.encode(text, add_special_tokens=False).ids
                found = self.library.tokenize(text.encode(), flags)
                if found != expected:
                    wrong.append((text, flags, expected, found))
        print(f"{len(self.strings)} strings, {len(wrong)} with other ids")
        self.assertEqual(wrong[:3], [])

    def test_decode_gives_the_text_back(self):
        whole = 0
        for text in self.strings:
            data = text.encode()
            expected = data.translate(None, self.absent)
            whole += data == expected
            self.assertEqual(self.library.detokenize(self.library.tokenize(data)), expected)
            self.assertEqual(
                self.library.detokenize(self.library.tokenize(data, NO_SPECIAL)), expected)
        print(f"{whole} of {len(self.strings)} strings come back whole; the others have bytes "
              f"without a token: {self.absent.hex(' ')}")
        self.assertGreater(whole, 3000)

    def test_bytes_that_are_no_utf8_come_back(self):
        for data in (b"\xff", b"a\x80b", b"\xc3", b"\xe4\xbd", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
                     b"\xc0\xaf", bytes(range(256)), bytes(range(255, 0, -1)) * 3):
            self.assertEqual(self.library.detokenize(self.library.tokenize(data)),
                             data.translate(None, self.absent))

    def test_whole_texts(self):
        for name in TEXTS:
            data = (DATA / f"{name}.txt").read_bytes()
            self.assertEqual(tokenize(SMOLLM2, data), self.special.encode(data.decode()).ids)

    def test_command_line(self):
        for text in self.strings[:90]:
            ids = tokenize(SMOLLM2, text)
            self.assertEqual(ids, self.special.encode(text).ids, repr(text))
            plain = tokenize(SMOLLM2, text, "--no-special")
            self.assertEqual(plain, self.plain.encode(text).ids, repr(text))
            file = self.folder / "ids.txt"
            file.write_text(" ".join(map(str, ids)) + "\n")
            back = ingot("tokenize", SMOLLM2, "-f", file, "--decode").stdout
            self.assertEqual(back, text.encode().translate(None, self.absent))

    def test_pieces_of_the_command_line(self):
        """One JSON string a token a line; together they are the text, odd bytes as <0xNN>."""
        text = "Don't panic: 42 \u00fcber\n\tcaf\u00e9"
        lines = ingot("tokenize", SMOLLM2, text).stdout.decode().splitlines()
        self.assertEqual(len(lines), len(self.special.encode(text).ids))
        joined = "".join(json.loads(line) for line in lines).encode()
        found = re.sub(rb"<0x([0-9A-F]{2})>", lambda m: bytes.fromhex(m[1].decode()), joined)
        self.assertEqual(found.decode(), text)


if __name__ == "__main__":
    main()
