#!/usr/bin/env python3
"""Reliability test 19: what the relocatable runtime object may contain.

Only ingot_* globals, only a short list of undefined symbols, nothing writable, nothing that runs
before main, no path of the machine that built it.
"""

import argparse
import re
import subprocess
import sys

# memory, pages, threads, CPUs, parking; and errno, which is put back
ALLOWED_UNDEFINED = {
    "memcpy", "memset", "memmove", "memcmp",
    "mmap", "munmap", "madvise",
    "pthread_create", "pthread_join", "pthread_sigmask",
    "sched_getaffinity", "sched_setaffinity", "open", "read", "close",
    "syscall", "__errno_location",
}
FORBIDDEN_SECTIONS = re.compile(
    r"^\.(data|bss|tdata|tbss|init_array|fini_array|ctors|dtors|preinit_array|debug\w*|eh_frame)"
    r"(\.|$)")


def lines(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", required=True)
    parser.add_argument("--readelf", required=True)
    parser.add_argument("--header", required=True, help="ingot.h: everything published is in it")
    parser.add_argument("--path", required=True, help="the source folder, which may not be named")
    parser.add_argument("object")
    args = parser.parse_args()
    problems = []

    defined = set()
    for line in lines(args.nm, args.object):
        kind, name = line.split()[-2:]
        if kind == "U":
            if name not in ALLOWED_UNDEFINED:
                problems.append(f"undefined symbol '{name}' is not in the list of allowed ones")
        elif kind.isupper():
            defined.add(name)
            if not name.startswith("ingot_"):
                problems.append(f"global '{name}' does not begin with 'ingot_'")
            if kind != "T":
                problems.append(f"global '{name}' is of kind '{kind}', expected a function")
        elif kind in "bdsg":
            problems.append(f"writable local '{name}'")

    header = open(args.header, encoding="ascii").read()
    declared = set(re.findall(r"^INGOT_API [^;]*?\b(ingot_\w+)\(", header, re.MULTILINE))
    problems += [f"'{name}' is declared in ingot.h but not defined" for name in declared - defined]
    problems += [f"'{name}' is defined but not declared in ingot.h" for name in defined - declared]

    for line in lines(args.readelf, "--sections", "--wide", args.object):
        match = re.match(r"\s*\[\s*\d+\]\s+(\S+)\s+(\S+)\s+\S+\s+\S+\s+(\S+)\s+\S+\s+(\S+)", line)
        if not match:
            continue
        name, _, size, flags = match.groups()
        if int(size, 16) != 0 and (FORBIDDEN_SECTIONS.match(name) or "W" in flags):
            problems.append(f"section '{name}' of {int(size, 16)} bytes")

    if args.path.encode() in open(args.object, "rb").read():
        problems.append(f"the object names the folder '{args.path}'")

    for problem in problems:
        print(f"{args.object}: error: {problem}", file=sys.stderr)
    print(f"{len(defined)} functions published, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
