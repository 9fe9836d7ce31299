//===- Target.cpp - Hexagon with HVX --------------------------------------===//
//
// The DSP of Qualcomm's chips: 32-bit addresses, packets of four instructions,
// vectors of 128 bytes that hold integers only. Halide's floats are scalars;
// vectorBits is the width of what they are computed in, and the schedules of the
// byte products name the vectors' own width. Texts of source/ compute floats in
// vectors of integers.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"
#include "targets/hexagon/KernelText.h"

using namespace ingot;

static constexpr char kContextSource[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "device/Context.c"
#pragma clang diagnostic pop
};

// The base of every output; no small data section, whose register a program of
// another maker may use otherwise.
static constexpr std::string_view kClangFlags[] = {"-mv66", "-G0"};

static constexpr std::string_view kLinkFlags[] = {
    "-static", "--gc-sections", "-z", "noexecstack", "--build-id=none", "--strip-debug",
};

// LLVM makes aligned loads and shifts of neighbouring unaligned loads. It groups them by the order
// of pointers, so that one kernel came out in three ways, each with more packets than unaligned
// loads by themselves.
static constexpr std::string_view kLlvmOptions = "-hvc-va=false";

static constexpr std::string_view kV66Flags[] = {"-mv66", "-mhvx", "-mhvx-length=128B", "-mllvm",
                                                 kLlvmOptions};
static constexpr std::string_view kV68Flags[] = {"-mv68", "-mhvx", "-mhvx-length=128B", "-mllvm",
                                                 kLlvmOptions};

// The emulator's machine is a v67: it runs every v66 program, and a v68 program
// as long as that holds no instruction of v68 (which ends it).
static constexpr Level v66 = {
    .name = "v66",
    .halideTarget = "hexagon-32-noos-hvx_v66-hvx-hvx_128",
    .vectorBits = 32,
    .vectorRegisters = 24,
    .dot = DotForm::SpreadQuads32,
    .fma = true,
    .floatTile = 2,
    .byteTile = 4,
    .clangFlags = kV66Flags,
    .usableSymbol = "",
    .usableHere = nullptr,
    .emulatedCpu = "v67",
    .halvesAsBits = true,
    .llvmOptions = kLlvmOptions,
    .kernelText = hexagonFloatKernel,
};

static constexpr Level atV68() {
  Level v68 = v66;
  v68.name = "v68";
  v68.halideTarget = "hexagon-32-noos-hvx_v68-hvx-hvx_128";
  v68.clangFlags = kV68Flags;
  v68.usableSymbol = "ingot_usable_v68";
  return v68;
}

static constexpr Level kLevels[] = {v66, atV68()};

static constexpr Requirement kRequirements[] = {
    {Requirement::Use::Run, "the emulator of Hexagon Linux", "qemu-hexagon",
     "apt-get install qemu-user"},
};

const Target ingot::hexagonTarget = {
    .name = "hexagon",
    .triple = "hexagon-unknown-elf",
    .levels = kLevels,
    .deviceSource = {kContextSource, sizeof(kContextSource)},
    .linkFlags = kLinkFlags,
    .emits = "exe,lib,obj,asm,cpp,mlir",
    .defaultEmits = "exe,lib",
    .clangFlags = kClangFlags,
    .requirements = kRequirements,
};
