"""Shared layers against an independent Llama of r * L layers whose weights are written out.

A model that runs each of L blocks r times is, number for number, a plain Llama of r * L layers in
which several have the same weights. The reference is exactly that; it knows no sharing. The texts, one
short enough for the largest compiled step and one that crosses two 64-position blocks of attention,
go through the compiled model as one chunk, token by token, in chunks of 48, and through the C API as
a prefill in pieces, then decoding, then a rewind into the middle.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np

from common import TestCase, build_c, compile_model, evaluate, main, run
from float_llama import FloatLlama
from tiny import Tiny

BOUND = 1e-3
BASE = Tiny("base", blocks=3, heads=3, kv_heads=1, head_dim=16, hidden=48, ffn=80, seed=7)
SCHEMES = {
    "immediate-2": ("immediate", 2, [0, 0, 1, 1, 2, 2]),
    "immediate-3": ("immediate", 3, [0, 0, 0, 1, 1, 1, 2, 2, 2]),
    "repeat-all-2": ("repeat_all", 2, [0, 1, 2, 0, 1, 2]),
    "repeat-all-3": ("repeat_all", 3, [0, 1, 2, 0, 1, 2, 0, 1, 2]),
    "reverse-2": ("reverse", 2, [0, 1, 2, 2, 1, 0]),
    "reverse-3": ("reverse", 3, [0, 1, 2, 2, 1, 0, 0, 1, 2]),
}


def written_out(model, order):
    """The plain Llama whose layer v has the weights of block order[v]."""
    tensors = model.tensors()
    out = {name: value for name, value in tensors.items() if ".layers." not in name}
    for layer, block in enumerate(order):
        prefix = f"model.layers.{block}."
        out |= {f"model.layers.{layer}.{name.removeprefix(prefix)}": value
                for name, value in tensors.items() if name.startswith(prefix)}
    plain = replace(model, blocks=len(order), sharing="none", repeat=1)
    return FloatLlama.from_hf(plain.reference().config, out, len(order))


class Sharing(TestCase):
    def check(self, what, found, expected):
        self.assertEqual(found.shape, expected.shape)
        error = np.abs(found - expected).max()
        print(f"{what}: largest difference {error:.1e}")
        self.assertLessEqual(error, BOUND)


def add_test(name, scheme, repeat, order):
    def test(self):
        model = replace(BASE, name=name, sharing=scheme, repeat=repeat)
        directory = self.folder / name
        compile_model(model.write(self.folder / "model"), directory, "--quant", "f32", "--kv", "f32")
        ids = model.ids(150)
        expected = written_out(model, order).logits(ids)
        # Another order of the same blocks is another model by far more than the bound.
        other = written_out(model, sorted(order, reverse=True)).logits(ids)
        self.assertGreater(np.abs(expected - other).max(), 100 * BOUND)
        for chunk, what in ((512, "one chunk"), (1, "token by token"), (48, "chunks of 48")):
            found = evaluate(directory, [ids, ids[:100]], "--chunk", chunk, "-t", 2)
            self.check(f"{name}, {what}", found, np.concatenate([expected, expected[:100]]))

        (self.folder / "model.h").write_text(
            f'#include "{name}.h"\n#define ingot_model ingot_model_{name.replace("-", "_")}\n')
        program = build_c(Path(__file__).with_name("session_mix.c"), self.folder / "mix",
                          f"-I{self.folder}", f"-I{directory}", directory / f"lib{name}.a")
        pieces = [70, 1, 19]
        out = run([program, ",".join(map(str, pieces)), *ids]).stdout
        rows = [*(np.cumsum(pieces) - 1), *range(sum(pieces), len(ids))]
        halves = [*range(len(ids) // 2, len(ids))]
        found = np.frombuffer(out, np.float32).reshape(-1, model.vocab)
        ends = np.cumsum([len(rows), len(halves), len(ids)])
        self.assertEqual(len(found), ends[-1])
        self.check(f"{name}, prefill then decode", found[:ends[0]], expected[rows])
        self.check(f"{name}, rewind then decode", found[ends[0]:ends[1]], expected[halves])
        self.check(f"{name}, decode from the start", found[ends[1]:], expected)

    setattr(Sharing, f"test_{name.replace('-', '_')}", test)


for scheme_name, scheme_row in SCHEMES.items():
    add_test(scheme_name, *scheme_row)

if __name__ == "__main__":
    main()
