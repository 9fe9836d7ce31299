"""The formats' meaning against the gguf package: an implementation that is not ours.

Usage: formats_gguf.py DUMP, where DUMP is the built format-dump, which reads source rows on stdin and writes their
floats. Random blocks, all bit patterns allowed except scales that are not finite.
"""
import subprocess
import sys

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize

COLS, ROWS = 256, 200
TYPES = {"f32": Type.F32, "f16": Type.F16, "q4_0": Type.Q4_0, "q4_1": Type.Q4_1, "q8_0": Type.Q8_0}
HALVES = {"q4_0": (18, 1), "q4_1": (20, 2), "q8_0": (34, 1)}  # bytes of a block, halves at its front


def random_rows(name, random):
    if name in HALVES:
        size, count = HALVES[name]
        blocks = random.integers(0, 256, (ROWS * COLS // 32, size), dtype=np.uint8)
        halves = random.normal(size=(len(blocks), count)).astype(np.float16)
        blocks[:, : 2 * count] = halves.view(np.uint8)
        return blocks.reshape(ROWS, -1)
    kind = np.float32 if name == "f32" else np.float16
    return random.normal(size=(ROWS, COLS)).astype(kind).view(np.uint8)


def main():
    random = np.random.default_rng(3)
    for name, kind in TYPES.items():
        rows = random_rows(name, random)
        out = subprocess.run([sys.argv[1], name, str(COLS)], input=rows.tobytes(), stdout=subprocess.PIPE, check=True)
        found = np.frombuffer(out.stdout, np.float32).reshape(ROWS, COLS)
        if kind in (Type.F32, Type.F16):
            expected = rows.view(np.float32 if name == "f32" else np.float16).astype(np.float32)
        else:
            expected = dequantize(rows, kind)
        if not np.array_equal(found.view(np.uint32), expected.reshape(ROWS, COLS).view(np.uint32)):
            sys.exit(f"{name}: {np.count_nonzero(found != expected)} of {found.size} values differ")
        print(f"{name}: {found.size} values equal")
    compare_quantizers(random)


def compare_quantizers(random):
    """q4r (4.5 bits a weight) loses at most what the package's Q4_1 (5.0 bits) does."""
    shape = (500, 576)
    tensors = {
        "normal": random.normal(size=shape),
        "student, 3 degrees": random.standard_t(3, size=shape),
        "student, 1.5 degrees": random.standard_t(1.5, size=shape),
        "laplace, rows of all sizes": random.laplace(size=shape) * np.exp(random.normal(size=(shape[0], 1))),
    }
    for name, values in tensors.items():
        values = values.astype(np.float32)
        ours = subprocess.run([sys.argv[1], "q4r", str(shape[1]), "quantize"], input=values.tobytes(),
                              stdout=subprocess.PIPE, check=True)
        found = np.frombuffer(ours.stdout, np.float32).reshape(shape)
        theirs = dequantize(quantize(values, Type.Q4_1), Type.Q4_1).reshape(shape)
        errors = [np.mean((x.astype(np.float64) - values) ** 2) for x in (found, theirs)]
        print(f"{name}: squared error of q4r is {errors[0] / errors[1]:.3f} of Q4_1's")
        if not errors[0] <= errors[1]:
            sys.exit(f"{name}: q4r loses {errors[0]:.4g}, Q4_1 {errors[1]:.4g}")


main()
