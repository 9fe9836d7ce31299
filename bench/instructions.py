"""Instructions a token of a compiled model under QEMU: bench/instructions.py DIR.

One thread. The cost of a token is the difference between a longer and a shorter run, so that what
happens once (start, tables) does not count. Decoding: tokens 9 to 16; prefill: two chunks of 32
against one.
"""

import argparse
import json
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def count(emulator, executable, plugin, folder, level, tokens, chunk):
    ids = folder / "ids.txt"
    ids.write_text(" ".join(str(i + 1) for i in range(tokens)) + "\n")
    process = subprocess.run(
        [*emulator, "-plugin", plugin, executable, "--ingot-verb", "eval", "--tokens", ids,
         "--logits", folder / "logits.npy", "--chunk", str(chunk), "--level", level, "-t", "1"],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return int(re.search(rb"instructions: (\d+)", process.stderr).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--ingot", type=pathlib.Path, default=ROOT / "build/bin/ingot")
    parser.add_argument("--emulator", default="qemu-aarch64")
    arguments = parser.parse_args()
    report = json.loads((arguments.dir / "report.json").read_text())
    targets = json.loads(subprocess.run([arguments.ingot, "targets", "-o", "json"], check=True,
                                        stdout=subprocess.PIPE).stdout)
    levels = next(t for t in targets if t["name"] == report["target"])["levels"]
    cpus = {level["name"]: level["emulated_cpu"] for level in levels}
    executable = arguments.dir / report["name"]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plugin = folder / "instructions.so"
        subprocess.run(["clang-22", "-shared", "-fPIC", "-O1", ROOT / "bench/instructions.c", "-o",
                        plugin], check=True)
        for level in reversed(report["levels"]):
            emulator = [arguments.emulator, "-cpu", cpus[level]]
            at = [count(emulator, executable, plugin, folder, level, tokens, chunk)
                  for tokens, chunk in ((8, 1), (16, 1), (32, 32), (64, 32))]
            print(f"{level}: {(at[1] - at[0]) / 8e6:.1f} million instructions a token decoded, "
                  f"{(at[3] - at[2]) / 32e6:.1f} in prefill")


if __name__ == "__main__":
    main()
