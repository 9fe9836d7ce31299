//===- Target.cpp - x86-64 ------------------------------------------------===//

#include "targets/Targets.h"
#include "targets/x86/KernelText.h"

using namespace ingot;

// The text of the detection that goes into every output, and the detection
// itself for this machine (CMake compiles the same file into IngotTargets,
// where the compiler runs on x86-64).
static constexpr char kDetectSource[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "device/Detect.c"
#pragma clang diagnostic pop
};

#if defined(__x86_64__)
extern "C" int ingot_usable_sse41(void);
extern "C" int ingot_usable_avx2(void);
extern "C" int ingot_usable_avxvnni(void);
extern "C" int ingot_usable_avx512vnni(void);
extern "C" int ingot_usable_amx(void);

static bool sse41Here() { return ingot_usable_sse41() != 0; }
static bool avx2Here() { return ingot_usable_avx2() != 0; }
static bool avxvnniHere() { return ingot_usable_avxvnni() != 0; }
static bool avx512vnniHere() { return ingot_usable_avx512vnni() != 0; }
static bool amxHere() { return ingot_usable_amx() != 0; }
#else
static constexpr bool (*sse41Here)() = nullptr;
static constexpr bool (*avx2Here)() = nullptr;
static constexpr bool (*avxvnniHere)() = nullptr;
static constexpr bool (*avx512vnniHere)() = nullptr;
static constexpr bool (*amxHere)() = nullptr;
#endif

static constexpr std::string_view kSse41Flags[] = {"-march=x86-64-v2"};
static constexpr std::string_view kAvx2Flags[] = {"-march=x86-64-v3"};
static constexpr std::string_view kAvxVnniFlags[] = {"-march=x86-64-v3", "-mavxvnni"};
static constexpr std::string_view kAvx512Flags[] = {"-march=x86-64-v4"};
static constexpr std::string_view kAmxFlags[] = {"-march=x86-64-v4", "-mamx-tile", "-mamx-int8"};

// Token tiles of Halide's kernels: 16 weight rows are one register of 16 lanes or two of 8. A token
// of floats needs their accumulators (and the group's partial sums), a token of
// bytes the integer sums besides; what is left holds unpacked weights. They
// divide 128, the usual chunk, so that no token is computed twice. NOTES.md has
// the tiles that lost.
//
// The products of bytes of avx2 and avxvnni are C++ (KernelText.h): Halide 21
// widens 8-bit weights to 16 bits first, and with avxvnni's name too. Attention
// in bytes is Halide's. avxvnni is avx2 in all else, and amx is avx512vnni but for
// matrix-matrix products of bytes.
//
// avx512vnni is Halide's zen4, not its sapphirerapids: the latter lets LLVM
// write the VEX form of vpdpbusd, which Zen 4 lacks. What zen4 has and Intel
// lacks (SSE4a) must not appear; AsmTest looks for it.
static constexpr Level kLevels[] = {
    {
        .name = "sse41",
        .halideTarget = "x86-64-linux-sse41",
        .vectorBits = 128,
        .vectorRegisters = 16,
        .dot = DotForm::Pairs16,
        .fma = false,
        .floatTile = 2,
        .byteTile = 2,
        .clangFlags = kSse41Flags,
        .usableSymbol = "ingot_usable_sse41",
        .usableHere = sse41Here,
        .halvesAsBits = true,
    },
    {
        .name = "avx2",
        .halideTarget = "x86-64-linux-sse41-avx-avx2-fma-f16c",
        .vectorBits = 256,
        .vectorRegisters = 16,
        .dot = DotForm::Pairs16,
        .fma = true,
        .floatTile = 4,
        .byteTile = 4,
        .clangFlags = kAvx2Flags,
        .usableSymbol = "ingot_usable_avx2",
        .usableHere = avx2Here,
        .kernelText = x86Avx2Kernel,
    },
    {
        .name = "avxvnni",
        .halideTarget = "x86-64-linux-sse41-avx-avx2-fma-f16c",
        .vectorBits = 256,
        .vectorRegisters = 16,
        .dot = DotForm::Pairs16,
        .fma = true,
        .floatTile = 4,
        .byteTile = 4,
        .clangFlags = kAvxVnniFlags,
        .usableSymbol = "ingot_usable_avxvnni",
        .usableHere = avxvnniHere,
        .kernelText = x86AvxVnniKernel,
    },
    {
        .name = "avx512vnni",
        .halideTarget = "x86-64-linux-avx512_zen4",
        .vectorBits = 512,
        .vectorRegisters = 32,
        .dot = DotForm::Quads32,
        .fma = true,
        .floatTile = 8,
        .byteTile = 8,
        .clangFlags = kAvx512Flags,
        .usableSymbol = "ingot_usable_avx512vnni",
        .usableHere = avx512vnniHere,
    },
    {
        .name = "amx",
        .halideTarget = "x86-64-linux-avx512_zen4",
        .vectorBits = 512,
        .vectorRegisters = 32,
        .dot = DotForm::Quads32,
        .fma = true,
        .floatTile = 8,
        .byteTile = 8,
        .clangFlags = kAmxFlags,
        .usableSymbol = "ingot_usable_amx",
        .usableHere = amxHere,
        .kernelText = x86AmxKernel,
    },
};

const Target ingot::x86Target = {
    .name = "x86-64",
    .triple = "x86_64-linux-gnu",
    .levels = kLevels,
    .deviceSource = {kDetectSource, sizeof(kDetectSource)},
};
