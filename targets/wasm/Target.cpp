//===- Target.cpp - WebAssembly -------------------------------------------===//
//
// A module of 32-bit addresses with 128-bit vectors, for browsers and Node. The
// engine's compiler turns it into the machine's instructions, so the level
// describes what engines make of it: 16 vector registers on the most common
// machines, and no fused multiply-add.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"

using namespace ingot;

static constexpr std::string_view kClangFlags[] = {"-msimd128", "-mbulk-memory", "-fno-pic"};

// The stack lies below everything, so that running over it traps. Without
// entry the exports are what Module.c marks as such. All of the addresses may
// be used: a session grows the memory when it is made.
static constexpr std::string_view kLinkFlags[] = {
    "--no-entry",    "--stack-first",           "-z", "stack-size=1048576", "--strip-debug",
    "--gc-sections", "--max-memory=4294967296",
};

static constexpr Companion kCompanions[] = {{"module.mjs", ".mjs"}};

// Token tiles: NOTES.md derives them.
static constexpr Level kLevels[] = {
    {
        .name = "simd128",
        .halideTarget = "wasm-32-wasmrt-wasm_simd128",
        .vectorBits = 128,
        .vectorRegisters = 16,
        .dot = DotForm::Words32,
        .fma = false,
        .floatTile = 2,
        .byteTile = 4,
        .clangFlags = kClangFlags,
        .usableSymbol = "",
        .usableHere = nullptr,
        .emulatedCpu = "node",
        .halvesAsBits = true,
    },
};

static constexpr Requirement kRequirements[] = {
    {Requirement::Use::Run, "Node.js, version 18 or later", "node", "apt-get install nodejs"},
};

const Target ingot::wasmTarget = {
    .name = "wasm",
    .triple = "wasm32-unknown-unknown",
    .levels = kLevels,
    .deviceSource = {},
    .objectFormat = ObjectFormat::Module,
    .linker = "wasm-ld",
    .linkFlags = kLinkFlags,
    .programSuffix = ".wasm",
    .companions = kCompanions,
    .emits = "exe,obj,asm,cpp,mlir",
    .defaultEmits = "exe",
    .clangFlags = kClangFlags,
    .requirements = kRequirements,
};
