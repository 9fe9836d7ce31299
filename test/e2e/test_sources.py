"""The target `generic`: sources that any compiler builds with one line, to the same numbers."""

import os
import shutil
import subprocess

import numpy as np

from common import TestCase, compile_model, evaluate, ingot, main, run
from tiny import Tiny

STRICT = "-Wall -Wextra -Werror"

# What runs on this machine, and a machine of 32 bits under its emulator.
COMPILERS = {
    "gcc": ("g++", []),
    "clang": ("clang++-22 -O1", []),
    "32 bits": ("clang++-22 -O1 --target=arm-linux-gnueabihf -static -fuse-ld=lld-22", ["qemu-arm"]),
}


def can_build(compiler):
    probe = b"#include <vector>\nint main() { return 0; }\n"
    words = compiler.split()
    return shutil.which(words[0]) and subprocess.run(
        [*words, "-x", "c++", "-", "-o", "/dev/null"], input=probe, stderr=subprocess.DEVNULL
    ).returncode == 0


class Generic(TestCase):
    def build(self, directory, compiler, flags=STRICT, **options):
        return run([directory / "build.sh"], cwd="/", env=os.environ
                   | {"CXX": compiler, "CXXFLAGS": flags}, **options)

    def test_every_compiler_gives_the_same_bits(self):
        model = Tiny("everywhere", hidden=64, ffn=96, heads=4, kv_heads=2, head_dim=32)
        sequences = [model.ids(40, 1), model.ids(7, 2)]
        ids = self.folder / "ids.txt"
        ids.write_text("".join(" ".join(map(str, one)) + "\n" for one in sequences))
        directory = self.folder / "out"
        # q4 and an 8-bit cache: every integer path, halves in both directions.
        compile_model(model.write(self.folder / "model"), directory, "--target", "generic",
                      "--quant", "q4", "--kv", "q8", "--emit", "cpp", "--validate", "none")
        expected, ran = None, set()
        for name, (compiler, emulator) in COMPILERS.items():
            if not can_build(compiler) or not all(map(shutil.which, emulator)):
                print(f"UNSUPPORTED: {name}: no '{compiler}' or no emulator")
                continue
            self.build(directory, compiler)
            logits = self.folder / "logits.npy"
            for threads in (1, 3):
                run([*emulator, directory / model.name, "--ingot-verb", "eval", "--tokens", ids,
                     "--logits", logits, "-t", threads])
                found = np.load(logits)
                expected = found if expected is None else expected
                self.assertTrue((found.view(np.uint32) == expected.view(np.uint32)).all(), name)
            ran.add(name)
        self.assertLessEqual({"gcc", "clang"}, ran)

    def test_sources_alone(self):
        directory = self.folder / "out"
        compile_model(Tiny("alone", blocks=1).write(self.folder / "model"), directory, "--target",
                      "generic", "--emit", "cpp", "--weights", "sidecar", "--validate", "none")
        self.assertEqual({path.name for path in directory.iterdir()},
                         {"src", "build.sh", "alone.weights", "alone.h", "model.yaml",
                          "report.json"})
        self.assertEqual([path for path in directory.rglob("*.weights")],
                         [directory / "alone.weights"])
        # One line, and the folder may be moved.
        self.assertEqual((directory / "build.sh").read_text().count("\n"), 2)
        moved = directory.rename(self.folder / "moved")
        self.build(moved, "g++", "-O1")
        self.assertEqual(evaluate(moved, [[1, 2, 3]]).shape[0], 3)

    def test_a_machine_that_the_weights_do_not_fit(self):
        directory = self.folder / "out"
        compile_model(Tiny("refused", blocks=1).write(self.folder / "model"), directory, "--target",
                      "generic", "--emit", "cpp", "--validate", "none")
        for flag, message in (("-ffast-math", "must be compiled without -ffast-math"),
                              ("-U__BYTE_ORDER__ -D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__",
                               "the packed weights are little-endian")):
            errors = self.build(directory, "g++", flag + " -fsyntax-only -Wno-builtin-macro-redefined",
                                expect=1).stderr.decode()
            self.assertIn(message, errors)

    def test_without_a_compiler(self):
        model = Tiny("bare", blocks=1).write(self.folder / "model")
        directory = self.folder / "out"
        nothing = os.environ | {"PATH": str(self.folder)}
        ingot("compile", model, "-o", directory, "--target", "generic", env=nothing)
        self.assertTrue((directory / "build.sh").exists())
        self.assertFalse((directory / "bare").exists())
        listed = ingot("targets", env=nothing).stdout.decode()
        self.assertIn("missing: a C++ compiler of this machine", listed)
        process = ingot("compile", model, "-o", self.folder / "exe", "--target", "generic",
                        "--emit", "exe", env=nothing, expect=5)
        self.assertIn("cannot find 'c++'", process.stderr.decode())


if __name__ == "__main__":
    main()
