"""Seeded mixed strings for the tokenizer tests: code, numbers, scripts, emoji, controls, spaces."""

import random

FIXED = [
    "", " ", "  ", "\n", "\t", "\r\n", "\n\n\n", " \n ", "a", "A", "0", "\x00", "\x7f", "\u00a0",
    "Hello, world!", " leading", "trailing ", "two  spaces", "don't I'll we've it's she'd I'm",
    "DON'T I'LL WE'VE", "3.14159", "1234567890", "1,000,000", "0x7fff", "v1.2.3-rc4", "50%", "$5",
    "<|im_start|>user\nHi<|im_end|>\n", "<|im_start|", "<|endoftext|>", "a<|im_end|>b",
    "for (int i = 0; i < n; ++i) {\n\tsum += a[i] * b[i];\n}\n",
    "def f(x):\n    return x ** 2  # squared\n", "SELECT * FROM t WHERE a = 'b';",
    "https://example.org/a/b?c=d&e=%20#f", "user@example.org", "C:\\path\\to\\file",
    "\u00e9", "e\u0301", "\u00c5ngstr\u00f6m", "na\u00efve caf\u00e9", "\u1ebf e\u0302\u0301",
    "\u4f60\u597d\u4e16\u754c", "\u3053\u3093\u306b\u3061\u306f", "\uc548\ub155\ud558\uc138\uc694",
    "\u041f\u0440\u0438\u0432\u0435\u0442", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7",
    "\u00bd \u00b2 \u2163 \u0663\u0664 \u0967", "\u2026 \u2013 \u201cquoted\u201d",
    "\ufeffbom", "\u200b\u200c\u200d", "\u2028\u2029", "\u0085", "\u3000\u3000", "\ufffd", "\uffff",
    "\U0010ffff", "a" * 300, " " * 300, "\n" * 70, "ab" * 200, "\u00e4" * 100, "7" * 50,
]
RANGES = [  # inclusive code point ranges, without surrogates
    (0x20, 0x7e), (0x61, 0x7a), (0x30, 0x39), (0x00, 0x1f), (0x80, 0xff), (0x100, 0x24f),
    (0x300, 0x36f), (0x370, 0x3ff), (0x400, 0x4ff), (0x590, 0x6ff), (0x900, 0x97f),
    (0x2000, 0x206f), (0x2150, 0x218f), (0x3040, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3),
    (0xe000, 0xffff), (0x1f300, 0x1faff), (0x10000, 0x10ffff),
]
WORDS = ("the of and to in is that it for with as was on are model token int return void if else "
         "== != += -> :: () [] {} /* */ // <html> </p> &amp; \\n 'll 're I'm U.S. e.g. don't "
         "2024-01-31 12:34:56 1e-5 0.001 <|im_start|> <|im_end|> <repo_name>").split()
SPACES = [" ", " ", " ", "  ", "   ", "\n", "\n\n", "\t", " \n", "\r\n", "        ", "\u00a0", ""]


def mixed_strings(count, seed):
    chance = random.Random(seed)
    out = list(FIXED)
    while len(out) < count:
        parts = []
        for _ in range(chance.randint(1, 12)):
            kind = chance.random()
            if kind < 0.45:
                parts.append(chance.choice(WORDS))
            elif kind < 0.6:
                parts.append(str(chance.randrange(10 ** chance.randint(1, 12))))
            else:
                low, high = chance.choice(RANGES)
                parts.append("".join(
                    chr(chance.randint(low, high)) for _ in range(chance.randint(1, 8))))
            parts.append(chance.choice(SPACES))
        out.append("".join(parts))
    return out
