"""The programs of the side-by-side benchmark: how each is prepared, and one round of it measured.

A round of a program is {"values": {column: number}}; Ingot adds what only it knows, "points": for
each column of speed the bytes and multiply-adds a token, and the ceilings measured beside it.
"""

import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROMPT = "The capital of France is"


class Missing(Exception):
    """The program is not installed; the text says what is not there."""


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
    return {"first_token": 1000 * seconds, "peak_rss": usage.ru_maxrss * 1024 / 1e6}


class Ingot:
    def __init__(self, name, args, kv="f16", flags=()):
        self.name, self.args, self.flags = name, args, list(flags)
        self.folder = args.out / f"model-{kv}"
        if self.folder not in args.compiled:
            command = [args.ingot, "compile", args.model, "-o", self.folder, "--name", "peer",
                       "--kv", kv, *args.compile_options]
            subprocess.run([*command, *(["--force"] if self.folder.exists() else [])], check=True)
            args.compiled.add(self.folder)
        self.executable = self.folder / "peer"
        facts = json.loads((self.folder / "report.json").read_text())
        self.level, self.macs = facts["levels"][-1], facts["macs"]

    def bench(self, prompts, depths):
        """{column: row} of `ingot bench`; one sample, since the rounds repeat it."""
        if not depths:
            return {}
        words = ["-p", ",".join(map(str, prompts or [0])), "-n", str(self.args.decode),
                 "-d", ",".join(map(str, depths)), "-t", str(self.args.threads), "-r", "1"]
        rows = run_json([self.args.ingot, "bench", self.folder, *words, *self.flags, "-o", "json"])
        out = {}
        for row in rows:
            if row["test"].startswith("pp"):
                out[f"prefill_{row['test'][2:]}"] = row
            elif row["test"].startswith("tg"):
                out[f"decode_{row['depth']}"] = row
        return out

    def measure(self):
        rows = self.bench(self.args.prompts, [0]) | self.bench(
            [], [depth for depth in self.args.depths if depth != 0])
        values = {key: row["tokens_per_second"]["median"] for key, row in rows.items()}
        points = {}
        for key, row in rows.items():
            kind, _, size = key.partition("_")
            logits = 1 if kind == "decode" else 1 / int(size)  # rows of them a token
            points[key] = {"bytes": row["bytes_per_token"],
                           "macs": self.macs["blocks"] + logits * self.macs["head"],
                           "share_of_ceiling": row["share_of_ceiling"],
                           "share_of_mac_peak": row["share_of_mac_peak"],
                           "read_ceiling": row["read_ceiling_gbps"],
                           "mac_peak": row["mac_peak_gmacs"]}
        command = [self.executable, "-p", self.args.prompt, "-n", "1", "-t",
                   str(self.args.threads), *self.flags]
        values |= measure_start(command)
        values["disk"] = self.executable.stat().st_size / 1e6
        return {"values": values, "points": points}


class Peer:
    """A program of ours around another library; its three commands stand in llama_peer.c."""

    def __init__(self, args):
        self.args = args
        site = next(args.peers.glob("lib/python3*/site-packages"), args.peers)
        self.command = [*self.prepare(site), args.model, str(args.threads)]
        files = subprocess.run([*self.command, "files", args.prompt], stdout=subprocess.PIPE,
                               check=True).stdout.decode().splitlines()
        self.disk = bytes_on_disk([args.model, *map(pathlib.Path, files)]) / 1e6

    def measure(self):
        lists = [",".join(map(str, values)) for values in (self.args.prompts, self.args.depths)]
        speeds = run_json([*self.command, "speed", lists[0], str(self.args.decode), lists[1]])
        values = {f"{kind}_{size}": speed for kind, sizes in speeds.items()
                  for size, speed in sizes.items()}
        values |= measure_start([*self.command, "start", self.args.prompt])
        values["disk"] = self.disk
        return {"values": values}


def bytes_on_disk(files):
    """Of the model and of what the program maps, without what belongs to the system."""
    system = ("/usr/", "/lib", "/etc/", "/dev/", "/proc/", "/sys/")
    found = {file.resolve() for file in files if file.is_file()}
    return sum(file.stat().st_size for file in found if not str(file).startswith(system))


class LlamaCpp(Peer):
    name = "llama.cpp"

    def prepare(self, site):
        if not (site / "include/llama.h").exists():
            raise Missing(f"no llama.h in {self.args.peers.name}")
        program = self.args.out / "llama_peer"
        subprocess.run(
            ["clang-22", "-O2", ROOT / "bench/llama_peer.c", f"-I{site / 'include'}",
             f"-L{site / 'lib'}", "-lllama", "-lggml", "-lggml-base",
             f"-Wl,-rpath,{site / 'lib'}", "-o", program], check=True)
        return [program]


class OpenVino(Peer):
    name = "OpenVINO GenAI"

    def prepare(self, site):
        if not (site / "openvino_genai").exists():
            raise Missing(f"no openvino_genai in {self.args.peers.name}")
        return [self.args.peers / "bin/python", ROOT / "bench/openvino_peer.py"]


# Name on the command line: what is prepared. Ingot's first row is the one that ratios are of.
KINDS = {
    "ingot": [
        lambda args: Ingot("Ingot", args),
        lambda args: Ingot("Ingot, 8-bit KV", args, kv="q8"),
        lambda args: Ingot("Ingot, huge pages", args, flags=["--huge-pages"]),
    ],
    "llamacpp": [LlamaCpp],
    "openvino": [OpenVino],
}
WITH_LEVELS = ("ingot", "llamacpp")  # those that can be held to less than the machine has
NAMES = {"llamacpp": LlamaCpp.name, "openvino": OpenVino.name}
