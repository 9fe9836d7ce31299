"""The kernel matrix of a target that this machine is not.

run_matrix.py INGOT TARGET BINARY: the tests built for the target, under its emulator. Every level
runs on the weakest processor that has it, so that an instruction of a higher level ends the test.

run_matrix.py INGOT TARGET --guest TEST... [--above TEST...]: the tests of this machine with the
target's kernels, which they call in a host of their own (Guest.h), every level by itself where there
are several; levels above the first run only the tests after --above, where it is given. A level whose
instructions the emulator does not have is named as unsupported.

Exit code 77, which ctest reports as skipped, where nothing here can run the target or no level ran.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

UNSUPPORTED = 77


def run(label, command, **environment):
    """(label, exit code, output, kernels, cases)."""
    process = subprocess.run([*command, "--gtest_brief=1"], env=os.environ | environment,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = process.stdout.decode(errors="replace")
    counts = re.findall(r"^matrix: (\d+) kernels, (\d+) calls", text, re.MULTILINE)
    kernels, cases = (sum(int(count[i]) for count in counts) for i in (0, 1))
    return label, process.returncode, text, kernels, cases


def emulated(script, binary):
    """How the one binary of all tests is run at a level."""
    def run_level(level):
        return run(f"{level['name']} on {level['emulated_cpu']}",
                   ["/bin/sh", script, level["emulated_cpu"], binary],
                   INGOT_TEST_LEVEL=level["name"])
    return run_level


def guest(name):
    """How a test of this machine is run with another one's kernels."""
    def run_test(work):
        test, level = work
        label = " ".join([pathlib.Path(test).name, *level.values()])
        return run(label, [test], INGOT_TEST_TARGET=name, **level)
    return run_test


def main(ingot, name, *binaries):
    rows = json.loads(subprocess.run([ingot, "targets", "-o", "json"], check=True,
                                     stdout=subprocess.PIPE).stdout)
    target = next(row for row in rows if row["name"] == name)
    as_guest = binaries[0] == "--guest"
    binaries = list(binaries[as_guest:])
    above = binaries
    if "--above" in binaries:
        at = binaries.index("--above")
        binaries, above = binaries[:at], binaries[at + 1:]
    built = all(os.path.exists(binary) for binary in binaries + above)
    if target["runs"] != "emulator" or not target["compiles"] or not built:
        print(f"UNSUPPORTED: {name} runs here: {target['runs']}; missing: {target['missing']}; "
              f"the matrix is {'' if built else 'not '}built")
        return UNSUPPORTED
    if as_guest:
        levels = [level["name"] for level in target["levels"]]
        first, *others = [{"INGOT_TEST_LEVEL": level} for level in levels] if levels[1:] else [{}]
        work = [(test, first) for test in binaries]
        work += [(test, level) for level in others for test in above]
        how = guest(name)
    else:
        script = pathlib.Path(ingot).resolve().parents[1] / "lib/ingot" / name / "run.sh"
        work, how = target["levels"], emulated(script, binaries[0])
    failed, all_kernels, all_cases = False, 0, 0
    # Two at a time: the kernels of one are compiled while another's are run.
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for label, code, text, kernels, cases in pool.map(how, work):
            print(f"{name} {label}: {kernels} kernels, {cases} cases, exit code {code}", flush=True)
            if "UNSUPPORTED:" in text:
                print("  " + text[text.index("UNSUPPORTED:"):].splitlines()[0])
            elif code != 0 or cases == 0:
                print(text[-6000:])
                failed = True
            all_kernels, all_cases = all_kernels + kernels, all_cases + cases
    print(f"{name}: {all_kernels} kernels, {all_cases} cases in all")
    return 1 if failed else 0 if all_cases else UNSUPPORTED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
