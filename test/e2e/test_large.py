"""The largest geometries: compiled with generated weights in bounded memory, and run."""

import os
import subprocess
import time

import numpy as np

from common import CACHE, INGOT, ROOT, TestCase, evaluate, main

PARAMETERS = {"mobilellm-1b": 1_005_461_760, "mobilellm-1.5b": 1_562_388_800}
MOST_MEMORY = 2 * 10**9  # bytes, of any process of the compile


class Large(TestCase):
    def test_memory_and_run(self):
        for name, parameters in PARAMETERS.items():
            with self.subTest(name):
                directory = self.folder / name.replace(".", "-")
                start = time.monotonic()
                process = subprocess.Popen(
                    [INGOT, "compile", ROOT / f"examples/archs/{name}.yaml", "-o", directory,
                     "--weights-from", "random:1", "--quant", "q4", "--ctx", "256", "--emit", "exe",
                     "--cache", CACHE, "--validate", "none"])
                _, status, usage = os.wait4(process.pid, 0)  # the largest of all its processes
                process.returncode = os.waitstatus_to_exitcode(status)
                self.assertEqual(process.returncode, 0)
                peak = usage.ru_maxrss << 10
                print(f"{name}: {parameters} parameters compiled in "
                      f"{time.monotonic() - start:.0f} s, peak {peak / 1e6:.0f} MB")
                self.assertLess(peak, MOST_MEMORY)
                found = evaluate(directory, [[1, 5, 9, 700, 31_999]], "--chunk", 2)
                self.assertEqual(found.shape, (5, 32_000))
                self.assertTrue(np.isfinite(found).all())
                # Generated weights keep activations at their size, and tokens apart.
                self.assertGreater(found.std(), 0.1)
                self.assertGreater(np.abs(found[1] - found[2]).max(), 0.1)


if __name__ == "__main__":
    main()
