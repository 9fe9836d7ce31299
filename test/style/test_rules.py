"""The rules catch what they are for: each is shown a small offence, and its innocent twin."""

import unittest
from pathlib import PurePosixPath as Path

import check_completeness
import check_layers
import check_paths
import check_text
import check_words


class Rules(unittest.TestCase):
    def assertCatches(self, check, path, bad, good):
        self.assertEqual(len(check(Path(path), bad)), 1, bad)
        self.assertEqual(check(Path(path), good), [], good)

    def test_layers(self):
        for path, bad, good in (
            ("runtime/src/A.cpp", '"codegen/Kernel.h"', '"runtime/src/B.h"'),
            ("dialects/plan/A.cpp", '"compiler/import/ArchSpec.h"', '"dialects/llm/Llm.h"'),
            ("codegen/emit/A.cpp", '"compiler/import/Gguf.h"', '"compiler/import/WeightSource.h"'),
            ("codegen/kernels/A.cpp", '"mlir/IR/Builders.h"', '"Halide.h"'),
            ("compiler/passes/A.cpp", '"targets/Targets.h"', '"codegen/Kernel.h"'),
            ("compiler/passes/A.cpp", '"codegen/kernels/MatVec.h"', '"codegen/formats/Format.h"'),
            ("compiler/import/A.cpp", "<Halide.h>", "<vector>"),
            ("targets/generic/A.cpp", '"compiler/passes/Passes.h"', '"codegen/Schedule.h"'),
            ("compiler/tools/a/A.cpp", '"../B.h"', '"compiler/tools/a/B.h"'),
        ):
            self.assertCatches(check_layers.check, path, f"#include {bad}\n", f"#include {good}\n")

    def test_words(self):
        self.assertCatches(check_words.check, "codegen/A.h", "// for AVX2\n", "// for the level\n")
        self.assertCatches(check_words.check, "runtime/a.c", "#if __x86_64__\n", "#if 1\n")
        self.assertEqual(check_words.check(Path("targets/x86/A.h"), "// x86\n"), [])

    def test_text(self):
        for bad, good in (("a\tb\n", "a b\n"), ("a \n", "a\n"), ("\u00e4\n", "ae\n"), ("a", "a\n"),
                          ("// do not " + "submit\n", "// submit\n")):
            self.assertCatches(check_text.check, "codegen/A.h", bad, good)

    def test_paths(self):
        self.assertCatches(check_paths.check, "docs/a.md", "see `cmake/absent.sh`\n",
                           "see `cmake/bootstrap.sh`\n")
        self.assertCatches(check_paths.check, "docs/a.md", "[a](../absent.md)\n",
                           "[a](../README.md)\n")

    def test_completeness_of_ops(self):
        td = 'def Llm_RopeOp : Llm_Op<"rope", []> {\n'
        spec = "## llm.rope\nC1: the dimension is even.\n"
        code = [("void f(llm::RopeOp op)", "meaning")]

        def count(spec=spec, positive="llm.rope %x", negative="@rope_c1", code=code):
            return len(check_completeness.check_ops("llm", td, spec, positive, negative, code))

        self.assertEqual(count(), 0)
        self.assertEqual(count(spec=""), 1)
        self.assertEqual(count(positive="llm.rope_x"), 1)
        self.assertEqual(count(negative="@rope_c2"), 1)
        self.assertEqual(count(code=[("RopeOps", "meaning")]), 1)

    def test_completeness_of_passes(self):
        td = 'def LlmFuseQkvPass : Pass<"llm-fuse-qkv", "llm::ModelOp"> {\n'
        check = check_completeness.check_passes
        self.assertEqual(check(td, {"LlmFuseQkv.cpp"}, {"llm-fuse-qkv.mlir"}), [])
        self.assertEqual(len(check(td, set(), {"llm-fuse-qkv.mlir"})), 1)
        self.assertEqual(len(check(td, {"LlmFuseQkv.cpp"}, set())), 1)
        self.assertEqual(len(check(td.replace("-qkv", "-q"), {"LlmFuseQkv.cpp"},
                                   {"llm-fuse-q.mlir"})), 1)


if __name__ == "__main__":
    unittest.main()
