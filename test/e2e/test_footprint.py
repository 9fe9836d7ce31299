"""What a compiled model takes: peak memory beside its weights, code beside its data."""

import json
import os
import re
import subprocess

from common import SMOLLM2, TestCase, main, run

KV_BLOCK = 64  # positions that the cache grows by
MIB = 1 << 20


class Footprint(TestCase):
    def setUp(self):
        super().setUp()
        self.report = json.loads((SMOLLM2 / "report.json").read_text())
        self.weights = self.report["bytes"]["weights"]

    def peak(self, *options):
        """Peak resident bytes, and positions that were used."""
        process = subprocess.Popen(
            [SMOLLM2 / "smollm2", "-t", "2", "--stats", *options], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        stats = process.stderr.read().decode()
        process.stderr.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0, stats)
        tokens = re.search(r"prompt: (\d+) tokens.*; generated: (\d+) tokens", stats)
        return usage.ru_maxrss * 1024, int(tokens[1]) + int(tokens[2])

    def test_peak_memory(self):
        """The weights, the cache of the positions used, and 4 MiB for everything else.

        A long prompt also needs the activations of a whole chunk, of which a short one touches a
        few rows, and a draft the logits of its rows.
        """
        chunk = max(self.report["arena_bytes"].values())
        story = "Once upon a time there was a miller who had three sons and a donkey. " * 20
        for name, rest, options in (
                ("short", 4 * MIB, ["-p", "The capital of France is", "-n", "1"]),
                ("long", 3 * MIB + chunk, ["-p", story, "-n", "32"]),
                ("lookup", 3 * MIB + chunk, ["-p", story, "-n", "32", "--lookup", "3"])):
            with self.subTest(name):
                peak, positions = self.peak(*options)
                blocks = -(-positions // KV_BLOCK)
                cache = blocks * KV_BLOCK * self.report["kv_bytes_per_token"]
                print(f"{name}: {positions} positions, peak {peak / MIB:.1f} MiB = weights "
                      f"{self.weights / MIB:.1f} + cache {cache / MIB:.1f} + "
                      f"{(peak - self.weights - cache) / MIB:.1f}")
                self.assertGreater(peak, 0.9 * self.weights)  # all of them are read
                self.assertLessEqual(peak, self.weights + cache + rest)

    def test_code(self):
        """Everything executable in the program, libc included, in 1 MiB."""
        sections = run(["llvm-readelf-22", "-SW", SMOLLM2 / "smollm2"]).stdout.decode()
        code = {name: int(size, 16) for name, size, flags in re.findall(
            r"\] (\.\S+)\s+PROGBITS\s+\w+ \w+ (\w+) \w+\s+(\w+)", sections) if "X" in flags}
        print(f"code {code}; of the model: {self.report['bytes']['code']}")
        self.assertIn(".text", code)
        self.assertLessEqual(sum(code.values()), MIB)
        self.assertLessEqual(self.report["bytes"]["code"], sum(code.values()))


if __name__ == "__main__":
    main()
