"""What `ingot compile` leaves: it stands alone, publishes little, and links beside another model."""

import os
import re
import shutil

from common import SMOLLM2, TestCase, build_c, compile_model, ingot, main, run
from pathlib import Path
from tiny import Tiny

# What the two objects of libNAME.a may ask of the system: pages, threads and parking, the list of
# physical CPUs, the C library's block functions. No allocator, no stdio, no C++ runtime.
ALLOWED_UNDEFINED = {
    "ingot_model.o": r"mem(cpy|set|move|cmp)|ingot_\w+|_GLOBAL_OFFSET_TABLE_|"
                     r"(exp|log|sin|cos|pow|sqrt|floor|ceil|round|trunc|rint|nearbyint|fm(in|ax|a))f?",
    "ingot_runtime.o": r"mem(cpy|set|move|cmp)|strlen|ingot_model_\w+|_GLOBAL_OFFSET_TABLE_|"
                       r"mmap|munmap|madvise|open|read|close|syscall|pthread_\w+|sched_\w+|"
                       r"__errno_location|__stack_chk_fail",
}


def symbols(path, *options):
    """[(member, symbol)] of `nm`."""
    out, member = [], Path(path).name
    for line in run(["llvm-nm-22", *options, path]).stdout.decode().splitlines():
        if line.endswith(":"):
            member = line[:-1].split("(")[-1].rstrip(")")
        elif line.strip():
            out.append((member, line.split()[-1]))
    return out


class Artefacts(TestCase):
    def test_executable_alone_runs_elsewhere(self):
        alone = self.folder / "elsewhere" / "answer"
        alone.parent.mkdir()
        shutil.copy(SMOLLM2 / "smollm2", alone)
        prompt = ["-p", "The capital of France is", "-n", 8]
        found = run([alone, *prompt], cwd="/", env={}).stdout
        self.assertIn(b"Paris", found)
        self.assertTrue(found.endswith(b"\n"))
        self.assertEqual(found, ingot("run", SMOLLM2, *prompt).stdout)
        # Forty tokens are a path whose end depends on last bits; that it is on the subject does not.
        chat = ["--chat", "-p", "What do plants need to grow?", "-n", 40]
        found = run([alone, *chat], cwd="/", env={}).stdout
        self.assertRegex(found, rb"^Plants need .*nutrients")
        self.assertEqual(found, ingot("run", SMOLLM2, *chat).stdout)

    def test_executable_needs_only_the_c_library(self):
        out = run(["llvm-readelf-22", "-d", SMOLLM2 / "smollm2"]).stdout.decode()
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", out))
        self.assertLessEqual(needed, {"libc.so.6", "libm.so.6", "libpthread.so.0",
                                      "ld-linux-x86-64.so.2"})
        self.assertNotRegex(out, r"RPATH|RUNPATH")

    def test_members_and_globals_of_the_library(self):
        library = SMOLLM2 / "libsmollm2.a"
        members = run(["llvm-ar-22", "t", library]).stdout.decode().split()
        self.assertEqual(sorted(members), ["ingot_runtime.o", "smollm2.o"])
        defined = symbols(library, "--extern-only", "--defined-only")
        self.assertEqual([s for m, s in defined if m == "smollm2.o"], ["ingot_model_smollm2"])
        runtime = [s for m, s in defined if m == "ingot_runtime.o"]
        self.assertIn("ingot_session_create", runtime)
        self.assertEqual([s for s in runtime if not s.startswith("ingot_")], [])

    def test_undefined_symbols_of_the_library(self):
        for member, symbol in symbols(SMOLLM2 / "libsmollm2.a", "--undefined-only"):
            allowed = ALLOWED_UNDEFINED["ingot_runtime.o" if member == "ingot_runtime.o"
                                        else "ingot_model.o"]
            self.assertRegex(symbol, f"^({allowed})$", f"undefined in {member}")

    def test_exports_of_the_shared_library(self):
        exported = [s for _, s in symbols(SMOLLM2 / "libsmollm2.so", "-D", "--defined-only")]
        self.assertIn("ingot_model_smollm2", exported)
        self.assertEqual([s for s in exported if not s.startswith("ingot_")], [])

    def test_library_has_no_writable_globals(self):
        out = run(["llvm-size-22", "-A", SMOLLM2 / "libsmollm2.a"]).stdout.decode()
        sections = re.findall(r"^(\.\S+)\s+(\d+)", out, re.MULTILINE)
        writable = [(name, size) for name, size in sections if int(size) and (
            name in (".data", ".bss") or re.match(r"\.(data|bss|init_array|ctors|tdata|tbss)", name)
            and not name.startswith(".data.rel.ro"))]
        self.assertEqual(writable, [])

    def test_header_compiles_in_c_and_cxx(self):
        for extension, flags in (("c", ["-std=c99"]), ("cpp", ["-std=c++11"])):
            source = self.folder / f"user.{extension}"
            source.write_text('#include "smollm2.h"\n'
                              "const ingot_model *get(void);\n"
                              "const ingot_model *get(void) { return ingot_model_smollm2(); }\n")
            run(["clang-22", *flags, "-pedantic", "-Wall", "-Wextra", "-Werror", "-c", source,
                 f"-I{SMOLLM2}", f"-I{Path(__file__).parents[2] / 'runtime/include'}",
                 "-o", self.folder / "user.o"])

    def test_no_trace_of_this_machine(self):
        """Nothing in the artefacts names the folder, the host or the compiler's place."""
        host = os.uname().nodename.encode()
        for name in ("libsmollm2.a", "smollm2", "libsmollm2.so", "smollm2.h", "report.json"):
            data = (SMOLLM2 / name).read_bytes()
            self.assertNotIn(str(SMOLLM2).encode(), data, name)
            if len(host) > 5:
                self.assertNotIn(host, data, name)

    def test_two_models_in_one_program(self):
        alone = {}
        models = [Tiny("first", seed=11), Tiny("second", seed=12, hidden=64, heads=4, kv_heads=2,
                                               vocab=150, ffn=96, rope="interleaved")]
        for model in models:
            out = self.folder / model.name
            compile_model(model.write(self.folder / f"{model.name}-in"), out,
                          "--quant", "f32", "--kv", "f32")
            ids, _ = model.reference().greedy([[1, 2, 3]], 20)
            alone[model.name] = [int(i) for i in ids[0]]
        runtimes = []
        for model in models:
            run(["llvm-ar-22", "x", self.folder / model.name / f"lib{model.name}.a",
                 "ingot_runtime.o"], cwd=self.folder / model.name)
            runtimes.append((self.folder / model.name / "ingot_runtime.o").read_bytes())
        self.assertEqual(runtimes[0], runtimes[1])
        program = build_c(
            Path(__file__).with_name("two_models.c"), self.folder / "two",
            *(f"-I{self.folder / m.name}" for m in models),
            *(self.folder / m.name / f"lib{m.name}.a" for m in models))
        lines = [line.split() for line in run([program, 20]).stdout.decode().splitlines()]
        for index, model in enumerate(models):
            found = [int(token) for which, token in lines if int(which) == index]
            self.assertEqual(found, alone[model.name], model.name)


if __name__ == "__main__":
    main()
