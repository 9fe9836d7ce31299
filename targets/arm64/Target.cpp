//===- Target.cpp - arm64: Linux, Android, Apple --------------------------===//
//
// Three targets of one machine: levels, schedules and device code are shared;
// objects, systems and what is needed to link differ.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"
#include "targets/arm64/KernelText.h"

#include <array>

using namespace ingot;

// The text of the detection that goes into every output, and the detection
// itself for this machine (CMake compiles the same file into IngotTargets).
static constexpr char kDetectSource[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "device/Detect.c"
#pragma clang diagnostic pop
};

#if defined(__aarch64__)
extern "C" int ingot_usable_v8(void);
extern "C" int ingot_usable_dotprod(void);
extern "C" int ingot_usable_i8mm(void);

static bool v8Here() { return ingot_usable_v8() != 0; }
static bool dotprodHere() { return ingot_usable_dotprod() != 0; }
static bool i8mmHere() { return ingot_usable_i8mm() != 0; }
#else
static constexpr bool (*v8Here)() = nullptr, (*dotprodHere)() = nullptr, (*i8mmHere)() = nullptr;
#endif

static constexpr std::string_view kV8Flags[] = {"-march=armv8-a"};
static constexpr std::string_view kDotprodFlags[] = {"-march=armv8.2-a+fp16+dotprod"};
static constexpr std::string_view kI8mmFlags[] = {"-march=armv8.2-a+fp16+dotprod+i8mm"};

// Every level names arm_fp16, also the first, whose machines have no arithmetic
// on 16-bit floats: without the name Halide computes each conversion from its
// bits, although conversions belong to the base level. Arithmetic on them must
// not appear there: AsmTest looks for it, and the matrix runs on a cortex-a53.
//
// Token tiles: NOTES.md derives them.
static constexpr std::array<Level, 3> levelsOf(std::array<std::string_view, 3> halideTargets,
                                               bool canRun) {
  const auto here = [&](bool (*usable)()) { return canRun ? usable : nullptr; };
  const auto cpu = [&](std::string_view name) { return canRun ? name : std::string_view(); };
  Level v8 = {.name = "v8",
              .halideTarget = halideTargets[0],
              .vectorBits = 128,
              .vectorRegisters = 32,
              .dot = DotForm::SignedBytes16,
              .fma = true,
              .floatTile = 4,
              .byteTile = 4,
              .clangFlags = kV8Flags,
              .usableSymbol = "ingot_usable_v8",
              .usableHere = here(v8Here),
              .emulatedCpu = cpu("cortex-a53")};
  Level dotprod = v8;
  dotprod.name = "dotprod";
  dotprod.halideTarget = halideTargets[1];
  dotprod.dot = DotForm::SignedQuads32;
  dotprod.byteTile = 8;
  dotprod.clangFlags = kDotprodFlags;
  dotprod.usableSymbol = "ingot_usable_dotprod";
  dotprod.usableHere = here(dotprodHere);
  dotprod.emulatedCpu = cpu("cortex-a76");
  dotprod.kernelText = arm64DotKernel;
  Level i8mm = dotprod;
  i8mm.name = "i8mm";
  i8mm.halideTarget = halideTargets[2];
  i8mm.clangFlags = kI8mmFlags;
  i8mm.usableSymbol = "ingot_usable_i8mm";
  i8mm.usableHere = here(i8mmHere);
  i8mm.emulatedCpu = cpu("max");
  i8mm.kernelText = arm64MatrixKernel;
  return {v8, dotprod, i8mm};
}

static constexpr auto kLinuxLevels =
    levelsOf({"arm-64-linux-arm_fp16", "arm-64-linux-arm_fp16-arm_dot_prod",
              "arm-64-linux-arm_fp16-arm_dot_prod-armv86a"},
             /*canRun=*/true);
static constexpr auto kAndroidLevels =
    levelsOf({"arm-64-android-arm_fp16", "arm-64-android-arm_fp16-arm_dot_prod",
              "arm-64-android-arm_fp16-arm_dot_prod-armv86a"},
             /*canRun=*/false);
static constexpr auto kAppleLevels =
    levelsOf({"arm-64-osx-arm_fp16", "arm-64-osx-arm_fp16-arm_dot_prod",
              "arm-64-osx-arm_fp16-arm_dot_prod-armv86a"},
             /*canRun=*/false);

// Atomics as instructions of the base level: the default calls a library that
// the runtime does without.
static constexpr std::string_view kElfFlags[] = {"-mno-outline-atomics"};

// As on the other systems: nothing here writes past a buffer that it has not checked.
static constexpr std::string_view kAppleFlags[] = {"-fno-stack-protector"};

static constexpr Requirement kLinuxRequirements[] = {
    {Requirement::Use::Link, "the C library of arm64 Linux",
#if defined(__aarch64__)
     "/usr/include/stdio.h", "apt-get install libc6-dev libgcc-12-dev"},
#else
     "/usr/aarch64-linux-gnu/lib/libc.a",
     "apt-get install libc6-dev-arm64-cross libgcc-12-dev-arm64-cross"},
    {Requirement::Use::Run, "the emulator of arm64 Linux", "qemu-aarch64",
     "apt-get install qemu-user"},
#endif
};

const Target ingot::arm64LinuxTarget = {
    .name = "arm64-linux",
    .triple = "aarch64-linux-gnu",
    .levels = kLinuxLevels,
    .deviceSource = {kDetectSource, sizeof(kDetectSource)},
    .pageBytes = 16384,
    .clangFlags = kElfFlags,
    .requirements = kLinuxRequirements,
};

// Since Android 15 devices may have pages of 16 KiB.
const Target ingot::arm64AndroidTarget = {
    .name = "arm64-android",
    .triple = "aarch64-linux-android28",
    .levels = kAndroidLevels,
    .deviceSource = {kDetectSource, sizeof(kDetectSource)},
    .pageBytes = 16384,
    .emits = "lib,obj,asm,cpp,mlir",
    .defaultEmits = "lib",
    .clangFlags = kElfFlags,
};

// The merged objects name no system: they link for iOS and for macOS.
const Target ingot::arm64AppleTarget = {
    .name = "arm64-apple",
    .triple = "arm64-apple-macosx11",
    .levels = kAppleLevels,
    .deviceSource = {kDetectSource, sizeof(kDetectSource)},
    .objectFormat = ObjectFormat::MachO,
    .pageBytes = 16384,
    .emits = "lib,obj,asm,cpp,mlir",
    .defaultEmits = "lib",
    .clangFlags = kAppleFlags,
};
