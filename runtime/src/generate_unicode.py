"""Writes UnicodeClasses.inc: the class of every code point, for the tokenizer's patterns.

A page table of 256 code points a page, equal pages stored once. Classes: 0 other, 1 letter
(general category L*), 2 number (N*), 3 white space (the property White_Space).
"""

import sys
import unicodedata

# White_Space has no name in unicodedata; the property is stable since Unicode 6.3.
SPACES = {*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F,
          0x205F, 0x3000}


def class_of(code):
    if code in SPACES:
        return 3
    return {"L": 1, "N": 2}.get(unicodedata.category(chr(code))[0], 0)


pages, index = {}, []
for first in range(0, 0x110000, 256):
    page = tuple(class_of(code) for code in range(first, first + 256))
    index.append(pages.setdefault(page, len(pages)))

with open(sys.argv[1], "w") as out:
    out.write(f"// Written by generate_unicode.py from Unicode {unicodedata.unidata_version}.\n")
    out.write(f"static constexpr uint8_t kPageOf[{len(index)}] = {{{','.join(map(str, index))}}};\n")
    out.write(f"static constexpr uint8_t kPages[{len(pages)}][64] = {{\n")
    for page in pages:  # four classes a byte
        packed = (sum(page[i + j] << (2 * j) for j in range(4)) for i in range(0, 256, 4))
        out.write("  {" + ",".join(map(str, packed)) + "},\n")
    out.write("};\n")
