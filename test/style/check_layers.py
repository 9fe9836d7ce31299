"""Who may include whom: tools -> targets -> codegen -> dialects; the runtime includes only itself.

A folder may include itself and what stands behind it here; the longest prefix of a file's path
decides. A value that ends in .h is one header, one that ends in * the headers directly in it.
"""

import re

from tree import SOURCES, below, files, read, report

WEIGHTS = "compiler/import/WeightSource.h"  # the interface that tensors are read through
# Kernels as the compiler sees them: shapes and arguments, never algorithms.
KERNEL_SIGNATURES = ["codegen/*", "codegen/formats", "codegen/kernels/AttentionSpec.h",
                     "codegen/kernels/KvLayout.h", "codegen/kernels/Registry.h"]
LAYERS = {
    "runtime": ["ingot"],
    "dialects": [],
    "dialects/llm": ["codegen/formats"],  # a weight's type carries its format
    # The oracle reads weights as the importers give them, and keeps K and V in the kernels' layout.
    "dialects/llm/reference": ["dialects", "codegen/formats", "codegen/kernels/KvLayout.h", WEIGHTS],
    "codegen": ["dialects", "ingot"],
    "codegen/formats": [],
    "codegen/kernels": ["codegen/*", "codegen/formats", "ingot"],
    "codegen/emit": ["dialects", "ingot", WEIGHTS, *KERNEL_SIGNATURES],
    "targets": ["codegen", "dialects", "ingot"],
    "compiler/import": ["dialects", "codegen/*", "codegen/formats"],
    "compiler/import/tokenizer": ["compiler/import", "ingot"],
    "compiler/passes": ["dialects", *KERNEL_SIGNATURES],
    "compiler/pipeline": ["compiler", "dialects", *KERNEL_SIGNATURES, "codegen/emit/Emit.h"],
    "compiler/driver": ["compiler", "dialects", "codegen", "targets/Targets.h", "ingot"],
    "compiler/tools": ["compiler", "dialects", "codegen", "targets", "ingot"],
}
ROOTS = ("runtime/", "dialects/", "codegen/", "targets/", "compiler/", "ingot/", "test/", "bench/")
HALIDE = ("codegen/kernels", "targets", "test")  # where Halide.h may be seen
MLIR_FREE = ("codegen/kernels", "codegen/formats", "targets", "runtime")


def layer_of(path):
    return max((l for l in LAYERS if below(path, l)), key=len, default=None)


def allowed(layer, header):
    for entry in [layer, *LAYERS[layer]]:
        if entry.endswith("/*"):
            if header.rpartition("/")[0] == entry[:-2]:
                return True
        elif header == entry or header.startswith(entry + "/"):
            return True
    return False


def check(path, text):
    """The problems of one file."""
    layer = layer_of(path)
    problems = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if not match:
            continue
        header = match.group(1)
        where = f"{path}:{number}"
        if header in ("Halide.h", "HalideRuntime.h") and not any(below(path, f) for f in HALIDE):
            problems.append(f"{where}: includes '{header}', which only {', '.join(HALIDE)} may")
        if header.startswith(("mlir/", "llvm/")) and any(below(path, f) for f in MLIR_FREE):
            problems.append(f"{where}: includes '{header}', and '{layer}' knows no MLIR or LLVM")
        if layer and header.startswith(ROOTS) and not allowed(layer, header):
            problems.append(f"{where}: includes '{header}', which is not behind '{layer}': "
                            f"{', '.join(LAYERS[layer]) or 'nothing is'}")
        if layer and ".." in header.split("/"):
            problems.append(f"{where}: includes '{header}', expected a path from the root")
    return problems


if __name__ == "__main__":
    report([p for f in files() if f.suffix in SOURCES for p in check(f, read(f))], "layers")
