//===- Tiles.h - The tile registers of AMX, in memory ---------------------===//
//
// Eight registers of up to 16 rows of 64 bytes, and how much of them is
// configured. What the machine refuses (#UD, #GP) is false here.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_X86_TILES_H
#define INGOT_TEST_KERNELS_X86_TILES_H

#include "test/kernels/x86/Instruction.h"

namespace ingot::test {

class Tiles {
public:
  /// Does what `one`, an instruction of tiles, says.
  bool execute(const Instruction &one);

  /// True from ldtilecfg to tilerelease.
  bool configured() const { return palette != 0; }

private:
  static constexpr int kTiles = 8, kRows = 16, kRowBytes = 64;

  struct Tile {
    unsigned rows = 0, rowBytes = 0; ///< as configured
    uint8_t at[kRows][kRowBytes] = {};
  };

  bool configure(const uint8_t *config);
  bool load(Tile &tile, const Instruction &one);
  bool store(const Tile &tile, const Instruction &one) const;
  bool multiply(const Instruction &one);

  uint8_t palette = 0;
  Tile tiles[kTiles];
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_X86_TILES_H
