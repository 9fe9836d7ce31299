#!/usr/bin/env python3
"""The paper's latency table on this machine: layer sharing against depth.

MobileLLM (Liu et al., 2024, Table 7) runs a model of 30 blocks, the same with every block run twice
in a row, and one of 60 distinct blocks on a phone: 15.6, 16.0 and 29.0 ms a token. Here Ingot compiles
the same three (generated weights: speed does not depend on them) and runs them in turns, a few tokens
each, within one process: what disturbs one of them then disturbs all. Between them a probe (reread.c)
only reads as many bytes: the bound that this machine's caches set.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import time

from plots import COLOURS, Svg

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "examples/lm-eval"))

from ingot_lm_eval import library  # noqa: E402: the C API, by ctypes

TURN = 16  # tokens
PAPER = {"base": 15.6, "shared": 16.0, "distinct": 29.0}  # ms a token, iPhone 13, 125M, fp16
KINDS = {  # name: (blocks as a multiple of the base's, runs of each)
    "base": (1, 1),
    "shared": (1, 2),
    "distinct": (2, 1),
}
COLUMNS = {"start": "start to first token, ms", "token": "a token, ms"}


def note(text):
    print(text, file=sys.stderr, flush=True)


def architecture(size, kind):
    """The YAML of `examples/archs` with other blocks and runs."""
    text = (ROOT / f"examples/archs/mobilellm-{size}.yaml").read_text()
    blocks, repeat = KINDS[kind]
    text, layers = re.subn(r"num_layers: (\d+)", lambda m: f"num_layers: {int(m[1]) * blocks}", text)
    text, names = re.subn(r"(?m)^name: .*", f"name: {size.replace('.', '-')}-{kind}", text)
    sharing = "{scheme: none}" if repeat == 1 else f"{{scheme: immediate, repeat: {repeat}}}"
    if "layer_sharing:" in text:
        text = re.sub(r"layer_sharing: .*", f"layer_sharing: {sharing}", text)
    else:
        text = re.sub(r"(?m)^(  tie_embeddings: .*)", rf"\1\n  layer_sharing: {sharing}", text)
    assert layers == 1 and names == 1 and sharing in text
    return text


class Model:
    def __init__(self, args, size, quant, kind):
        self.key = (size, quant, kind)
        self.args = args
        folder = args.out / f"{size}-{quant}-{kind}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.yaml").write_text(architecture(size, kind))
        self.directory = folder / "compiled"
        note(f"compiling {size} {kind}, {quant}")
        command = [args.ingot, "compile", folder / "model.yaml", "-o", self.directory, "--quant", quant,
                   "--weights-from", "random:1", "--emit", "exe,so"]
        subprocess.run([*command, *(["--force"] if self.directory.exists() else [])], check=True)
        self.samples = {column: [] for column in COLUMNS}
        self.megabytes = json.loads((self.directory / "report.json").read_text())["bytes_per_token"] / 1e6

    def measure_start(self):
        rows = json.loads(subprocess.run(
            [self.args.ingot, "bench", self.directory, "-p", "0", "-n", "1", "-d", "0",
             "-t", str(self.args.threads), "-r", "1", "-o", "json",
             *(["--huge-pages"] if self.args.huge_pages else [])],
            stdout=subprocess.PIPE, check=True).stdout)
        self.samples["start"].append(rows[-1]["first_token_ms"])

    def open(self):
        self.session = library.Session(library.Model(self.directory), threads=self.args.threads,
                                       huge_pages=self.args.huge_pages)
        self.session.feed([1])

    def close(self):
        self.session.close()

    def take_turn(self):
        """The time of each of TURN tokens, behind one that finds the caches full of others' weights."""
        self.session.rewind(1)
        for token in range(TURN + 1):
            begin = time.perf_counter()
            self.session.feed([token])
            if token:
                self.samples["token"].append((time.perf_counter() - begin) * 1e3)

    def median(self, column):
        return statistics.median(self.samples[column])

    def cell(self, column):
        """Median, and the quarters around it: a stolen millisecond is no property of a model."""
        low, middle, high = statistics.quantiles(self.samples[column], n=4)
        return f"{middle:.2f} ({low:.2f}-{high:.2f})"


class Probe:
    """Reading alone, in a decode step's order: as many blocks of as many bytes, and the rest."""

    def __init__(self, args, models, size, quant):
        self.program, self.threads = args.out / "reread", args.threads
        self.samples = {kind: [] for kind in KINDS}
        self.base, self.distinct = (models[size, quant, kind] for kind in ("base", "distinct"))
        self.blocks = int(re.search(r"num_layers: (\d+)", architecture(size, "base"))[1])

    @staticmethod
    def build(args):
        subprocess.run(["clang-22", "-O2", "-march=native", ROOT / "bench/reread.c", "-o",
                        args.out / "reread", "-lpthread"], check=True)

    def measure(self):
        block = int((self.distinct.megabytes - self.base.megabytes) * 1e6) // self.blocks
        rest = int(self.base.megabytes * 1e6) - self.blocks * block
        found = json.loads(subprocess.run(
            [self.program, *map(str, (self.blocks, block, rest, self.threads, 40))],
            stdout=subprocess.PIPE, check=True).stdout)
        for kind, milliseconds in found.items():
            self.samples[kind].append(milliseconds)

    def median(self, kind):
        return statistics.median(self.samples[kind])


def markdown(models, probes, args):
    lines = [
        f"MobileLLM geometry, generated weights, {args.threads} threads, {args.rounds} rounds in turns of "
        f"{TURN} tokens from an empty cache, weights "
        f"{'copied into huge pages' if args.huge_pages else 'read where they are mapped'}; median "
        "(quartiles).",
        "",
        "| model | weights | blocks run | MB a token | " + " | ".join(COLUMNS.values()) +
        " | of base | paper, of base |",
        "| --- | --- | --- |" + " --- |" * (len(COLUMNS) + 3),
    ]
    for (size, quant, kind), model in models.items():
        base = models[size, quant, "base"]
        cells = [model.cell(column) for column in COLUMNS]
        lines.append(f"| {size} | {quant} | {kind} | {model.megabytes:.1f} | " + " | ".join(cells) +
                     f" | {model.median('token') / base.median('token'):.3f}x | "
                     f"{PAPER[kind] / PAPER['base']:.3f}x |")
    lines += ["", "Reading alone (`reread.c`): the same bytes in the same order, with no arithmetic and no barrier.",
              "", "| model | weights | blocks read | a token, ms | of base |", "| --- | --- | --- | --- | --- |"]
    for (size, quant), probe in probes.items():
        for kind in KINDS:
            lines.append(f"| {size} | {quant} | {kind} | {probe.median(kind):.2f} "
                         f"({min(probe.samples[kind]):.2f}-{max(probe.samples[kind]):.2f}) | "
                         f"{probe.median(kind) / probe.median('base'):.3f}x |")
    return "\n".join(lines) + "\n"


def plot(models):
    """Bars of time a token relative to the base, one group a size and quantisation."""
    groups = sorted({key[:2] for key in models}, key=lambda g: list(k[:2] for k in models).index(g))
    colours = dict(zip(KINDS, COLOURS))
    labels = {"base": "L blocks", "shared": "L blocks, each run twice", "distinct": "2 L distinct blocks"}
    bar, gap, height, left, top = 26, 34, 220, 56, 48
    largest = max(m.median("token") / models[(*k[:2], "base")].median("token") for k, m in models.items())
    ceiling = max(2.25, largest * 1.08)
    columns = [*((f"{s} {q}", {k: models[s, q, k].median("token") / models[s, q, "base"].median("token")
                               for k in KINDS}) for s, q in groups),
               ("paper (phone)", {k: PAPER[k] / PAPER["base"] for k in KINDS})]
    width = left + len(columns) * (3 * bar + gap) + 20
    y = lambda value: top + height * (1 - value / ceiling)
    svg = Svg(width, top + height + 40, "Time a token, relative to L blocks run once", left)
    for step in range(int(ceiling / 0.5) + 1):
        at = y(step * 0.5)
        svg.line(left, at, width - 10, at)
        svg.text(left - 8, at + 4, f"{step * 0.5:.1f}", anchor="end")
    svg.legend(left, 26, [(colours[kind], label) for kind, label in labels.items()])
    for number, (name, ratios) in enumerate(columns):
        x = left + 10 + number * (3 * bar + gap)
        for i, (kind, ratio) in enumerate(ratios.items()):
            svg.rect(x + i * bar, y(ratio), bar - 3, top + height - y(ratio), colours[kind])
            svg.text(x + i * bar + (bar - 3) / 2, y(ratio) - 4, f"{ratio:.2f}", anchor="middle", size=10)
        svg.text(x + 1.5 * bar, top + height + 18, name, anchor="middle")
    return svg


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ingot", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--sizes", default="125m,350m")
    parser.add_argument("--quants", default="q4,q8")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--huge-pages", action="store_true",
                        help="read the weights from a copy in huge pages")
    parser.add_argument("--svg", type=pathlib.Path, help="where the plot goes besides OUT")
    args = parser.parse_args()
    models, probes = {}, {}
    for size in args.sizes.split(","):
        for quant in args.quants.split(","):
            for kind in KINDS:
                models[size, quant, kind] = Model(args, size, quant, kind)
    Probe.build(args)
    for group in dict.fromkeys(key[:2] for key in models):
        note(f"running {' '.join(group)}")
        measured = [models[(*group, kind)] for kind in KINDS]
        probe = probes[group] = Probe(args, models, *group)
        for model in measured:
            model.open()
        for _ in range(args.rounds):
            for model in measured:
                model.take_turn()
            probe.measure()
        for model in measured:
            model.close()
        for _ in range(min(args.rounds, 5)):
            for model in measured:
                model.measure_start()
    text = markdown(models, probes, args)
    (args.out / "sharing.md").write_text(text)
    (args.out / "sharing.json").write_text(json.dumps(
        {" ".join(key): measured.samples for key, measured in (models | {
            (*key, "reading alone"): probe for key, probe in probes.items()}).items()}, indent=2) + "\n")
    for path in filter(None, (args.out / "sharing.svg", args.svg)):
        plot(models).write(path)
    print(text, end="")


if __name__ == "__main__":
    main()
