//===- Target.cpp - The machine of which nothing is known -----------------===//
//
// Portable C++: the compile writes sources and the line that builds them, and
// the machine is whatever the user's compiler compiles for. It names no vector
// instruction and is what every schedule falls back to.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"

using namespace ingot;

// Halide wants the name of some machine; of its sources nothing depends on it.
// Lanes become plain loops, so the vector is as long as a row block, which is
// one loop, and registers are the business of the compiler that comes after.
// Sums of four products are the form with the fewest stages.
static constexpr Level kLevels[] = {
    {
        .name = "base",
        .halideTarget = "x86-64-linux",
        .vectorBits = 512,
        .vectorRegisters = 32,
        .dot = DotForm::Quads32,
        .fma = false,
        .floatTile = 4,
        .byteTile = 4,
        .clangFlags = {},
        .usableSymbol = "",
        .usableHere = [] { return true; },
    },
};

static constexpr Requirement kRequirements[] = {
    {Requirement::Use::Link, "a C++ compiler of this machine", "c++", "apt-get install g++"},
};

const Target ingot::genericTarget = {
    .name = "generic",
    .triple = "unknown",
    .levels = kLevels,
    .deviceSource = {},
    .objectFormat = ObjectFormat::Source,
    .emits = "exe,cpp,mlir",
    .defaultEmits = "exe,cpp",
    .requirements = kRequirements,
};
