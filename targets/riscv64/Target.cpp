//===- Target.cpp - riscv64 Linux -----------------------------------------===//
//
// RV64GC, the base profile of Linux systems, with the generic schedules. Halide
// 21 writes machine code for RISC-V only with the V extension, and fails on the
// products of bytes then (NOTES.md), so the kernels are its C++.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"
#include "targets/generic/PortableLevel.h"

using namespace ingot;

// The machine's name, for every source that is compiled for it.
static constexpr std::string_view kClangFlags[] = {"-march=rv64gc", "-mabi=lp64d"};

#if defined(__riscv)
static constexpr Level kLevels[] = {portableLevel("rv64gc", [] { return true; }, "rv64")};
#else
static constexpr Level kLevels[] = {portableLevel("rv64gc", nullptr, "rv64")};
#endif

static constexpr Requirement kRequirements[] = {
    {Requirement::Use::Link, "the C library of riscv64 Linux",
#if defined(__riscv)
     "/usr/include/stdio.h", "apt-get install libc6-dev libgcc-12-dev"},
#else
     "/usr/riscv64-linux-gnu/lib/libc.a",
     "apt-get install libc6-dev-riscv64-cross libgcc-12-dev-riscv64-cross"},
    {Requirement::Use::Run, "the emulator of riscv64 Linux", "qemu-riscv64",
     "apt-get install qemu-user"},
#endif
};

const Target ingot::riscv64Target = {
    .name = "riscv64",
    .triple = "riscv64-linux-gnu",
    .levels = kLevels,
    .deviceSource = {},
    .kernelsFromSource = true,
    .emits = "exe,lib,so,obj,asm,cpp,mlir",
    .clangFlags = kClangFlags,
    .requirements = kRequirements,
};
