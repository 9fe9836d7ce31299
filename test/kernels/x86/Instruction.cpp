//===- Instruction.cpp - Decodes what the emulator supplies ---------------===//

#include "test/kernels/x86/Instruction.h"

#include <cstring>

using namespace ingot::test;

namespace {

/// The prefix; its inverted bits the right way round.
struct Vex {
  unsigned r, x, b; ///< the fourth bits of register numbers
  unsigned vvvv;
  bool wide;
  unsigned pp; ///< 0: none, 1: 66, 2: F3, 3: F2
};

std::optional<Vex> prefixAt(const uint8_t *code) {
  constexpr uint8_t kThreeBytes = 0xc4, kMap0F38 = 2;
  if (code[0] != kThreeBytes || (code[1] & 31) != kMap0F38 || code[2] & 0x80)
    return std::nullopt;
  const unsigned top = ~code[1];
  return Vex{top >> 7 & 1,
             top >> 6 & 1,
             top >> 5 & 1,
             ~unsigned(code[2]) >> 3 & 15,
             (code[2] >> 2 & 1) != 0,
             code[2] & 3u};
}

/// Reads ModRM's memory operand, whose first byte is at `at`; returns where it ends.
const uint8_t *readAddress(const uint8_t *at, const Vex &vex, const Registers &registers,
                           Instruction &out) {
  const unsigned mod = *at >> 6, rm = *at & 7;
  ++at;
  uint64_t base = 0;
  bool relative = false, displaced = mod == 2;
  if (rm == 4) { // a SIB byte
    const unsigned scale = *at >> 6, index = (*at >> 3 & 7) | vex.x << 3, low = *at & 7;
    ++at;
    if (index != 4) // rsp: there is none
      out.rowStride = registers.value[index] << scale;
    if (low == 5 && mod == 0)
      displaced = true;
    else
      base = registers.value[low | vex.b << 3];
  } else if (rm == 5 && mod == 0) {
    relative = displaced = true;
  } else {
    base = registers.value[rm | vex.b << 3];
  }
  if (mod == 1) {
    base += uint64_t(int64_t(int8_t(*at++)));
  } else if (displaced) {
    int32_t displacement;
    std::memcpy(&displacement, at, sizeof displacement);
    at += sizeof displacement;
    base += uint64_t(int64_t(displacement));
  }
  out.address = base + (relative ? uint64_t(at) : 0); // no immediate follows
  return at;
}

/// What the opcode and the prefix name, given what ModRM has.
bool identify(const Vex &vex, uint8_t opcode, uint8_t modrm, Instruction &out) {
  const bool memory = modrm >> 6 != 3, indexed = memory && (modrm & 7) == 4;
  const unsigned reg = modrm >> 3 & 7;
  switch (opcode) {
  case 0x50:
    out.operation = Operation::DotBytes;
    return vex.pp == 1;
  case 0x49:
    out.operation = vex.pp == 3 ? Operation::Zero
                    : memory    ? Operation::LoadConfig
                                : Operation::Release;
    return !vex.wide && vex.vvvv == 0 &&
           (vex.pp == 3 ? !memory && (modrm & 7) == 0
                        : vex.pp == 0 && (memory ? reg == 0 : modrm == 0xc0));
  case 0x4b:
    out.operation = vex.pp == 2 ? Operation::StoreTile : Operation::LoadTile;
    return !vex.wide && vex.vvvv == 0 && indexed && vex.pp != 0;
  case 0x5e:
    out.operation = Operation::MultiplyTiles;
    out.signedA = vex.pp >= 2;
    out.signedB = vex.pp & 1;
    return !vex.wide && !memory && vex.vvvv < 8;
  }
  return false;
}

} // namespace

std::optional<Instruction> ingot::test::decode(const uint8_t *code, const Registers &registers) {
  const std::optional<Vex> vex = prefixAt(code);
  if (!vex)
    return std::nullopt;
  const uint8_t *modrm = code + 4, *end = modrm + 1;
  Instruction out = {};
  if (!identify(*vex, code[3], *modrm, out))
    return std::nullopt;
  out.wide = vex->wide;
  out.a = (*modrm >> 3 & 7) | vex->r << 3;
  out.b = (*modrm & 7) | vex->b << 3;
  out.c = vex->vvvv;
  out.memory = *modrm >> 6 != 3;
  if (out.memory)
    end = readAddress(modrm, *vex, registers, out);
  // The index of a vector's address is part of it.
  if (out.operation == Operation::DotBytes || out.operation == Operation::LoadConfig)
    out.address += out.rowStride;
  out.length = unsigned(end - code);
  return out;
}
