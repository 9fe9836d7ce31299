//===- Target.cpp - The machine of which nothing is known -----------------===//
//
// One level that uses no vector instruction by name. It is what every schedule
// falls back to, and what a new target starts as a copy of.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"

using namespace ingot;

// Halide wants the name of some machine: the base level of x86-64 has nothing
// beyond what every machine has (16-byte vectors), and the tests can run it.
static constexpr Level kLevels[] = {
    {
        .name = "base",
        .halideTarget = "x86-64-linux",
        .vectorBits = 128,
        .vectorRegisters = 16,
        .dot = DotForm::Pairs32,
        .fma = false,
        .floatTile = 2,
        .byteTile = 2,
        .clangFlags = {},
        .usableSymbol = "",
#if defined(__x86_64__)
        .usableHere = [] { return true; },
#else
        .usableHere = nullptr,
#endif
    },
};

const Target ingot::genericTarget = {
    .name = "generic",
    .triple = "x86_64-linux-gnu",
    .levels = kLevels,
    .deviceSource = {},
};
