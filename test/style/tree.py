"""The files of the tree, and how a rule reports: `path:line: what`, all of them, then exit code 1."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = {".c", ".cpp", ".h", ".def", ".td"}
TEXT = SOURCES | {".py", ".cmake", ".mlir", ".sh", ".in", ".md", ".yaml", ".json", ".txt", ""}


def files():
    """Tracked files, and new ones that git does not ignore, as paths relative to the root."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
        stdout=subprocess.PIPE, check=True).stdout.decode()
    paths = sorted({pathlib.PurePosixPath(p) for p in listing.split("\0") if p})
    paths = [p for p in paths if (ROOT / p).is_file()]
    if len(paths) < 20:
        sys.exit(f"error: found only {len(paths)} files below {ROOT}")
    return paths


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="surrogateescape")


def below(path, folder):
    return folder == "" or str(path).startswith(folder + "/")


def report(problems, what):
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(1 if problems else 0)
