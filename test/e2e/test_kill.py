"""kill -9 at random moments of a compile: the output is whole or it is not there."""

import os
import random
import signal
import subprocess
import time

from common import CACHE, INGOT, TestCase, compile_model, evaluate, hash_tree, main
from tiny import DEFAULT

MOMENTS = 40


def kill_compile(path, out, seconds, *options):
    """Starts a compile and kills it and its child processes after so many seconds."""
    process = subprocess.Popen(
        [INGOT, "compile", path, "-o", out, "--cache", CACHE, *options], start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it was quicker
    process.wait()


def warm_duration(path, out):
    """Fills the cache, so that writing is a large part of the rest, and measures a second run."""
    compile_model(path, out)
    start = time.monotonic()
    compile_model(path, out, "--force")
    return time.monotonic() - start


class Kill(TestCase):
    def test_random_moments(self):
        path = DEFAULT.write(self.folder / "model")
        whole = self.folder / "whole"
        duration = warm_duration(path, whole)
        expected = hash_tree(whole)
        chance = random.Random(7)
        absent = 0
        for i in range(MOMENTS):
            out = self.folder / "outputs" / f"out{i}"
            out.parent.mkdir(exist_ok=True)
            kill_compile(path, out, chance.uniform(0, 1.1 * duration))
            if out.exists():
                self.assertEqual(hash_tree(out), expected, f"partial output at moment {i}")
            else:
                absent += 1
                if i % 8 == 0:  # what the killed one left is in nobody's way
                    compile_model(path, out)
                    self.assertEqual(hash_tree(out), expected)
        print(f"{MOMENTS} kills within {duration:.1f} s: {absent} without output, "
              f"{MOMENTS - absent} whole")
        self.assertGreater(absent, 0)
        evaluate(whole, [DEFAULT.ids(3)])

    def test_replacing(self):
        """With --force the old output stays until the new one is whole."""
        path = DEFAULT.write(self.folder / "model")
        out = self.folder / "out"
        duration = warm_duration(path, out)
        expected = hash_tree(out)
        chance = random.Random(8)
        for _ in range(10):
            kill_compile(path, out, chance.uniform(0, 1.1 * duration), "--force")
            if out.exists():
                self.assertEqual(hash_tree(out), expected)


if __name__ == "__main__":
    main()
