"""Every path that a document names exists: links, and `words/with/slashes` in backquotes."""

import re
from pathlib import PurePosixPath

from tree import ROOT, files, read, report

# The folders whose names in backquotes are taken as paths from the root. Those below build/ are
# made by commands, so a document may name them before they are there.
FOLDERS = ("bench", "cmake", "codegen", "compiler", "dialects", "docs", "examples", "runtime",
           "targets", "test")
QUOTED = re.compile(r"`((?:%s)/[\w./*-]*)`" % "|".join(FOLDERS))
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def exists(path):
    if "*" in path:
        return any(ROOT.glob(path.rstrip("/")))
    return (ROOT / path).exists()


def check(path, text):
    problems = []
    for number, line in enumerate(re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"),
                                         text, flags=re.M | re.S).splitlines(), start=1):
        for name in QUOTED.findall(line):
            if not exists(name.rstrip(".")):
                problems.append(f"{path}:{number}: names '{name}', which is not there")
        for target in LINK.findall(line):
            if "://" not in target and not (ROOT / path.parent / target).exists():
                problems.append(f"{path}:{number}: links to '{target}', which is not there")
    return problems


if __name__ == "__main__":
    report([p for f in files() if PurePosixPath(f).suffix == ".md" for p in check(f, read(f))],
           "paths")
