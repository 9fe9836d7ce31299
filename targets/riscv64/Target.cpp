//===- Target.cpp - riscv64 Linux -----------------------------------------===//
//
// RV64GC, the base profile of Linux systems, with the generic schedules. Halide
// 21 writes machine code for RISC-V only with the V extension, and fails on the
// products of bytes then (NOTES.md), so the kernels are its C++.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"

using namespace ingot;

// The machine's name, for every source that is compiled for it.
static constexpr std::string_view kClangFlags[] = {"-march=rv64gc", "-mabi=lp64d"};

// As the generic target's level: lanes become plain loops, a row block long. The
// base has fused multiply-adds, but the order of roundings is the source's.
static constexpr Level kLevels[] = {
    {
        .name = "rv64gc",
        .halideTarget = "x86-64-linux",
        .vectorBits = 512,
        .vectorRegisters = 32,
        .dot = DotForm::Quads32,
        .fma = false,
        .floatTile = 4,
        .byteTile = 4,
        .clangFlags = {},
        .usableSymbol = "",
#if defined(__riscv)
        .usableHere = [] { return true; },
#else
        .usableHere = nullptr,
#endif
        .emulatedCpu = "rv64",
    },
};

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
