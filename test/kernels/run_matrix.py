"""The kernel matrix of a target under its emulator: run_matrix.py INGOT TARGET BINARY.

Every level runs on the weakest processor that has it, so that an instruction of a higher level ends
the test. Exit code 77, which ctest reports as skipped, where nothing here can run the target.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

UNSUPPORTED = 77


def run(script, level, binary):
    """(exit code, output, kernels, cases) of one level."""
    process = subprocess.run(["/bin/sh", script, level["emulated_cpu"], binary, "--gtest_brief=1"],
                             env=os.environ | {"INGOT_TEST_LEVEL": level["name"]},
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = process.stdout.decode(errors="replace")
    counts = re.findall(r"matrix: (\d+) kernels, (\d+) calls", text)
    kernels, cases = (sum(int(count[i]) for count in counts) for i in (0, 1))
    return process.returncode, text, kernels, cases


def main(ingot, name, binary):
    rows = json.loads(subprocess.run([ingot, "targets", "-o", "json"], check=True,
                                     stdout=subprocess.PIPE).stdout)
    target = next(row for row in rows if row["name"] == name)
    if target["runs"] != "emulator" or not os.path.exists(binary):
        print(f"UNSUPPORTED: {name} runs here: {target['runs']}; missing: {target['missing']}; "
              f"the matrix is {'' if os.path.exists(binary) else 'not '}built")
        return UNSUPPORTED
    script = pathlib.Path(ingot).resolve().parents[1] / "lib/ingot" / name / "run.sh"
    failed = False
    # Two at a time: one level's kernels are compiled while another's are run.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda level: run(script, level, binary), target["levels"])
        for level, (code, text, kernels, cases) in zip(target["levels"], results):
            print(f"{name} {level['name']} on {level['emulated_cpu']}: {kernels} kernels, "
                  f"{cases} cases, exit code {code}", flush=True)
            if code != 0 or cases == 0:
                print(text[-6000:])
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
