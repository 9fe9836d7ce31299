"""Machines are named in targets/ (and in what tests, shows, documents and finds them), nowhere else."""

import re

from tree import TEXT, below, files, read, report

FOLDERS = ("targets", "test", "docs", "examples", "cmake")
WORDS = re.compile(r"\b_*(x86|avx|neon|hvx|wasm)", re.IGNORECASE)


def check(path, text):
    # Documents at the root speak about the whole product.
    if any(below(path, f) for f in FOLDERS) or (path.parent.name == "" and path.suffix == ".md"):
        return []
    return [f"{path}:{number}: names a machine: '{line.strip()[:80]}'"
            for number, line in enumerate(text.splitlines(), start=1) if WORDS.search(line)]


if __name__ == "__main__":
    report([p for f in files() if f.suffix in TEXT for p in check(f, read(f))], "words")
