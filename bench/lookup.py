#!/usr/bin/env python3
"""What prompt lookup is worth: the same prompts with and without, in turns.

Summarising and editing repeat the prompt, so drafts are right; the fresh tasks have nothing to copy
and show what drafting costs then. The output must be the same, and is compared.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys

from demo import compile_model
from lookup_prompts import FRESH, copying

STATS = re.compile(rb"generated: (\d+) tokens, ([\d.]+) tokens/s(?:; lookup: (\d+) of (\d+))?")


def generate(args, prompt, lookup):
    """(output, {"seconds", "tokens", "accepted", "drafted"}) of one run; the prompt does not count."""
    process = subprocess.run(
        [args.out / "smollm2", "--chat", "-p", prompt, "-n", str(args.tokens), "-t",
         str(args.threads), "--lookup", str(lookup), "--stats", *args.flags],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    found = STATS.search(process.stderr)
    if not found:
        sys.exit(f"error: no statistics in {process.stderr!r}")
    tokens, speed, accepted, drafted = (float(x or 0) for x in found.groups())
    return process.stdout, {"seconds": tokens / speed, "tokens": tokens, "accepted": accepted,
                            "drafted": drafted}


def measure(args):
    """[{"kind", "plain": seconds, "lookup": {N: seconds}, ...}], a prompt each; medians of rounds."""
    prompts = copying(args.prompts) + [("fresh", prompt) for prompt in FRESH]
    kinds = [0, *args.lookup]
    times = [{n: [] for n in kinds} for _ in prompts]
    facts = [{n: {} for n in kinds} for _ in prompts]
    for number in range(args.rounds):
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr, flush=True)
        for index, (_, prompt) in enumerate(prompts):
            outputs = set()
            for n in kinds[number % len(kinds):] + kinds[:number % len(kinds)]:
                output, fact = generate(args, prompt, n)
                outputs.add(output)
                times[index][n].append(fact["seconds"])
                facts[index][n] = fact
            if len(outputs) != 1:
                sys.exit(f"error: lookup changes the output of the prompt {prompt!r}")
    return [{"kind": kind, "tokens": fact[0]["tokens"],
             "seconds": {n: statistics.median(t) for n, t in time.items()},
             "samples": time,
             "accepted": {n: f["accepted"] for n, f in fact.items()},
             "drafted": {n: f["drafted"] for n, f in fact.items()}}
            for (kind, _), time, fact in zip(prompts, times, facts)]


def markdown(args, rows):
    lines = [f"{args.threads} threads, {args.tokens} tokens at most, median of {args.rounds} rounds in "
             f"turns; time of the plain runs over time with lookup, prompts not counted.", "",
             "| task | prompts | lookup | tokens/s plain | speed | slowest prompt | right of drafted |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        chosen = [row for row in rows if row["kind"] == kind]
        plain = sum(row["seconds"][0] for row in chosen)
        for n in args.lookup:
            seconds = sum(row["seconds"][n] for row in chosen)
            slowest = min(row["seconds"][0] / row["seconds"][n] for row in chosen)
            accepted, drafted = (sum(row[key][n] for row in chosen) for key in ("accepted", "drafted"))
            lines.append(f"| {kind} | {len(chosen)} | {n} | "
                         f"{sum(row['tokens'] for row in chosen) / plain:.0f} | "
                         f"{plain / seconds:.2f}x | {slowest:.2f}x | "
                         f"{accepted:.0f} of {drafted:.0f} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="SmolLM2 is compiled there")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompts", type=int, default=12, help="of summarising and editing")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--lookup", default="7,15", help="default: %(default)s")
    parser.add_argument("--flags", default="", help="more words for the executable")
    args = parser.parse_args()
    args.lookup = [int(n) for n in args.lookup.split(",")]
    args.flags = args.flags.split()
    args.out = args.out.resolve()
    compile_model(args.ingot, args.out)
    rows = measure(args)
    text = markdown(args, rows)
    (args.out.parent / "lookup.md").write_text(text)
    (args.out.parent / "lookup.json").write_text(json.dumps(rows, indent=2) + "\n")
    print(text, end="")


if __name__ == "__main__":
    main()
