//===- Instruction.h - Decodes what the emulator supplies -----------------===//
//
// Two families of x86-64, and nothing else of the machine:
//
//   AVX-VNNI   vpdpbusd xmm/ymm, xmm/ymm, xmm/ymm/mem  VEX.66.0F38.W0 50 /r
//   AMX        ldtilecfg mem, tilerelease              VEX.NP.0F38.W0 49
//              tilezero                                VEX.F2.0F38.W0 49
//              tileloadd, tileloaddt1, tilestored      VEX.F2/66/F3.0F38.W0 4B
//              tdpbssd, tdpbsud, tdpbusd, tdpbuud      VEX.F2/F3/66/NP.0F38.W0 5E
//
// All of them have a VEX prefix of three bytes, an opcode of one and a ModRM
// byte, which is what makes so short a decoder possible.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_X86_INSTRUCTION_H
#define INGOT_TEST_KERNELS_X86_INSTRUCTION_H

#include <cstdint>
#include <optional>

namespace ingot::test {

enum class Operation : uint8_t {
  DotBytes, ///< vpdpbusd
  LoadConfig,
  Release,
  Zero,
  LoadTile,
  StoreTile,
  MultiplyTiles,
};

/// General registers in the numbering of ModRM: rax, rcx, rdx, rbx, rsp, ...
struct Registers {
  uint64_t value[16];
};

struct Instruction {
  Operation operation;
  unsigned length;    ///< in bytes
  bool wide;          ///< DotBytes: 256 bits
  bool signedA;       ///< MultiplyTiles: the bytes of `b` (its rows meet the sums' rows)
  bool signedB;       ///< MultiplyTiles: the bytes of `c`
  unsigned a, b, c;   ///< registers: destination, ModRM's (unless memory), VEX's
  bool memory;        ///< ModRM's operand is in memory, at `address`
  uint64_t address;   ///< without the index of LoadTile and StoreTile, whose rows it is between
  uint64_t rowStride; ///< LoadTile, StoreTile
};

/// The instruction at `code`, which is where it runs, or nothing.
std::optional<Instruction> decode(const uint8_t *code, const Registers &registers);

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_X86_INSTRUCTION_H
