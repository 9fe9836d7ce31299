"""Plain text: ASCII in sources, no tabs, no trailing blanks, a newline at the end, no left-over marks.

Prints the longest files; length is taste, so nothing fails on it.
"""

import re

from tree import SOURCES, TEXT, below, files, read, report

TABS = ("Makefile", ".gitmodules")
MARK = re.compile(r"(?i)do\s*not\s*submit|^(<{7}|>{7})( |$)")


def check(path, text):
    problems = []
    prose = path.suffix in (".md", ".txt") or below(path, "test/e2e/data")
    for number, line in enumerate(text.split("\n"), start=1):
        where = f"{path}:{number}"
        if not prose and not line.isascii():
            problems.append(f"{where}: not ASCII")
        if "\t" in line and path.name not in TABS and not prose:
            problems.append(f"{where}: a tab")
        if line != line.rstrip() and not prose:
            problems.append(f"{where}: blanks at the end")
        if MARK.search(line) and path.name != "check_text.py":
            problems.append(f"{where}: a mark that was to be removed")
    if text and not text.endswith("\n"):
        problems.append(f"{path}: no newline at the end")
    return problems


if __name__ == "__main__":
    paths = [f for f in files() if f.suffix in TEXT]
    longest = sorted(((read(f).count("\n"), f) for f in paths if f.suffix in SOURCES | {".py"}),
                     key=lambda item: -item[0])
    for lines, path in longest[:5]:
        print(f"{lines} lines: {path}")
    report([p for f in paths for p in check(f, read(f))], "text")
