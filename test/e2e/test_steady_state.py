"""100 decoded tokens: no allocator call, and no system call but futex and the caller's write."""

import re
import shutil
import unittest
from pathlib import Path

from common import SMOLLM2, TestCase, build_c, main, run


class SteadyState(TestCase):
    def setUp(self):
        super().setUp()
        self.program = build_c(Path(__file__).with_name("steady_state.c"), self.folder / "steady",
                               f"-I{SMOLLM2}", SMOLLM2 / "libsmollm2.a")

    def test_allocator(self):
        self.assertIn(b"\nallocator calls: 0\n", run([self.program]).stdout)

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_system_calls(self):
        trace = self.folder / "trace.txt"
        run(["strace", "-f", "-qq", "-o", trace, self.program])
        text = trace.read_text()
        begin, end = text.index("MARK-BEGIN"), text.index("MARK-END")
        self.assertGreater(end, begin)
        steady = text[begin:end]
        calls = re.findall(r"^\d+\s+(\w+)\(", steady, re.MULTILINE)
        self.assertEqual(set(calls) - {"futex", "write"}, set())
        # The marks were in the right place: the caller's own 100 writes, and the write of MARK-END.
        self.assertEqual(calls.count("write"), 101)


if __name__ == "__main__":
    main()
