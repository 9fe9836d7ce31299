"""examples/hello: built by its own two ways, and it answers."""

import sys
from pathlib import Path

from common import ROOT, SMOLLM2, TestCase, build_c, main, run


class Hello(TestCase):
    def assertAnswers(self, program):
        answer = run([program]).stdout.decode()
        self.assertRegex(answer, "^Plants need .*nutrients")
        self.assertTrue(answer.endswith("\n"))
        self.assertNotIn("<|im_end|>", answer)
        other = run([program, "What is 2 + 2?"]).stdout.decode()
        self.assertNotEqual(answer, other)

    def test_one_command(self):
        self.assertAnswers(build_c(ROOT / "examples/hello/hello.c", self.folder / "hello",
                                   f"-I{SMOLLM2}", SMOLLM2 / "libsmollm2.a"))

    def test_cmake(self):
        cmake = Path(sys.executable).with_name("cmake")
        run([cmake, "-S", ROOT / "examples/hello", "-B", self.folder / "build", "-G", "Ninja",
             "-DCMAKE_C_COMPILER=clang-22", f"-DMODEL={SMOLLM2}"])
        run([cmake, "--build", self.folder / "build"])
        self.assertAnswers(self.folder / "build/hello")

    def test_stays_small(self):
        """A promise of the documents: about forty lines of code."""
        source = (ROOT / "examples/hello/hello.c").read_text()
        code = source.split("*/", 1)[1]
        self.assertLess(len([line for line in code.splitlines() if line.strip()]), 60)


if __name__ == "__main__":
    main()
