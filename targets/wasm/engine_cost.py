#!/usr/bin/env python3
"""What the engine makes of the products: V8's own machine code, as Node prints it, counted.

engine_cost.py INGOT_KERNEL [--limit N]: for each kernel the instructions of its inner loop and how many
of them touch the stack (spills), and the instructions for a group of 32 columns of 16 rows and one token:
512 multiply-adds, at least 64 products. Counts do not depend on the machine's load. --limit fails when
one takes more. Exit code 77 where Node does not print code, or for another machine than x86-64.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FORMATS = ["q4_0", "q4_1", "q8_0"]
TILE = 4  # byteTile of Target.cpp
UNSUPPORTED = 77
LOAD = "new WebAssembly.Module(require('fs').readFileSync(process.argv[1]))"


def compile_kernels(tool, folder):
    objects = []
    for op in ("matvec", "matmat"):
        for name in FORMATS:
            objects.append(folder / f"{op}_{name}.o")
            subprocess.run(
                [
                    tool,
                    "--target",
                    "wasm",
                    "--level",
                    "simd128",
                    "--algorithm",
                    f"{op}_i8_{name}",
                    "--params",
                    "rows=1536,cols=576",
                    "-o",
                    objects[-1],
                ],
                check=True,
            )
    linker = shutil.which("wasm-ld-22") or "wasm-ld"
    subprocess.run(
        [linker, "--no-entry", "--export-all", *objects, "-o", folder / "kernels.wasm"], check=True
    )
    return folder / "kernels.wasm"


def functions(text):
    """{name: [(address, instruction)]} of what Node prints."""
    found = {}
    for part in text.split("--- WebAssembly code ---")[1:]:
        name = re.search(r"^name: (\S+)", part, re.MULTILINE)
        lines = re.findall(
            r"^0x([0-9a-f]+)\s+[0-9a-f]+\s+[0-9a-f]+\s+(?:REX\.W )?(.*)$", part, re.MULTILINE
        )
        if name and lines:
            found[name.group(1)] = [(int(address, 16), code) for address, code in lines]
    return found


def product_loops(code):
    """[(products, instructions, stack references)] of the loops that multiply, innermost first."""
    index = {address: i for i, (address, _) in enumerate(code)}
    # Behind the last return stand the rare paths, which jump back into the loops.
    end = max(
        (i for i, (_, text) in enumerate(code) if text.startswith("ret")), default=len(code) - 1
    )
    loops = set()
    for i, (_, text) in enumerate(code[: end + 1]):
        jump = re.match(r"j\w+ 0x([0-9a-f]+)", text)
        first = index.get(int(jump.group(1), 16)) if jump else None
        if first is not None and first <= i:
            loops.add((first, i + 1))
    rows = []
    for first, last in sorted(loops, key=lambda loop: loop[1] - loop[0]):
        body = [text for _, text in code[first:last]]
        products = sum("pmaddwd" in text for text in body)
        if products:
            rows.append(
                (products, len(body), sum(bool(re.search(r"\[r[bs]p[+-]", text)) for text in body))
            )
    return rows


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool", metavar="INGOT_KERNEL")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    node = shutil.which("node")
    if not node:
        print("UNSUPPORTED: Node.js is not installed")
        return UNSUPPORTED
    with tempfile.TemporaryDirectory() as name:
        module = compile_kernels(options.tool, pathlib.Path(name))
        text = subprocess.run(
            [
                node,
                "--no-liftoff",
                "--no-wasm-lazy-compilation",
                "--print-wasm-code",
                "-e",
                LOAD,
                module,
            ],
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.decode(errors="replace")
    worst = 0
    for name, code in sorted(functions(text).items()):
        loops = product_loops(code)
        if not loops:
            continue
        tokens = TILE if "matmat" in name else 1
        (products, inner, stack), outer = loops[0], loops[min(1, len(loops) - 1)][1]
        cost = (outer - inner + inner * 64 * tokens / products) / tokens
        worst = max(worst, cost)
        print(
            f"{name}: inner loop {inner} instructions, {products} products, {stack} stack references; "
            f"{cost:.0f} for a group and token"
        )
    if not worst:
        print("UNSUPPORTED: this Node prints no x86-64 code")
        return UNSUPPORTED
    return int(options.limit is not None and worst > options.limit)


if __name__ == "__main__":
    sys.exit(main())
