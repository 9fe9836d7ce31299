"""The fixture of the other tests: SmolLM2 compiled once, with an empty kernel cache.

Its second test compiles it again and measures what a warm cache saves, and the peak memory.
"""

import json
import os
import shutil
import subprocess
import time

from common import CACHE, INGOT, SMOLLM2, TestCase, compile_model, main, smollm2_gguf


class Compile(TestCase):
    def test_1_cold(self):
        shutil.rmtree(SMOLLM2, ignore_errors=True)
        shutil.rmtree(CACHE, ignore_errors=True)
        start = time.monotonic()
        compile_model(smollm2_gguf(), SMOLLM2, "--name", "smollm2", "--emit", "exe,lib,so")
        seconds = time.monotonic() - start
        print(f"compiled with an empty cache in {seconds:.1f} s")
        self.assertLess(seconds, 60)
        names = {path.name for path in SMOLLM2.iterdir()}
        self.assertLessEqual({"model.yaml", "smollm2.h", "libsmollm2.a", "libsmollm2.so",
                              "smollm2", "report.json"}, names)
        report = json.loads((SMOLLM2 / "report.json").read_text())
        schedules = {kernel["algorithm"]: kernel["schedule"] for kernel in report["kernels"]}
        self.assertEqual(schedules["rms_norm_quantize"], "scheduleRmsNormGeneric")
        self.assertNotIn("", schedules.values())

    def test_2_warm(self):
        start = time.monotonic()
        process = subprocess.Popen(
            [INGOT, "compile", smollm2_gguf(), "-o", self.folder / "again", "--cache", CACHE])
        _, status, usage = os.wait4(process.pid, 0)  # the largest of it and its child processes
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        print(f"compiled with a full cache in {seconds:.1f} s, peak {usage.ru_maxrss >> 10} MiB")
        self.assertEqual(process.returncode, 0)
        self.assertLess(seconds, 15)
        self.assertLess(usage.ru_maxrss << 10, 10**9)


if __name__ == "__main__":
    main()
