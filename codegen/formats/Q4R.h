//===- Q4R.h - q4r: 4 bits in groups of 32 under a row's scale ------------===//
//
// Meaning      rowScale / 16 * s * (16 * nibble - z): s (1..255) is the group's
//              step in units of the row's scale, z (0..255) its zero point in
//              sixteenths of a step. The integers multiply exactly.
// Source row   the row's scale (f32), then cols / 32 blocks: s, z, 16 bytes of
//              which byte i holds column i (low nibble) and 16 + i (high).
// Packed       a row block is cols / 32 groups (struct Q4RGroup):
//                4 vectors of 64 bytes, as in q4_0 (Q4.h)
//                16 steps s, row 0 first; 16 zero points z
//              then 16 row scales (f32).
// Why          f16 scale and minimum cost 5.0 bits a weight; with both in 8 bits
//              half a block of a 125M model (576 x 1536) is 1.0 MB and fits a
//              1 MiB cache. A zero point in sixteenths of the group's own step
//              is never off by more than 1/32 of a step, whatever the others of
//              the row are; a minimum in units of the row would be.
// Bits         4.5 a weight, and 32 a row.
// Who else     nobody: the quantiser (QuantizeQ4R.cpp) makes its rows.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_Q4R_H
#define INGOT_CODEGEN_FORMATS_Q4R_H

#include "codegen/formats/Format.h"

namespace ingot {

inline constexpr int64_t kQ4RColumns = 32; ///< columns of a group

/// A block of a source row.
struct Q4RSource {
  uint8_t step;
  uint8_t zero;
  uint8_t values[16];
};
static_assert(sizeof(Q4RSource) == 18 && alignof(Q4RSource) == 1);

/// A packed group.
struct Q4RGroup {
  uint8_t values[4][kRowBlock][4];
  uint8_t step[kRowBlock];
  uint8_t zero[kRowBlock];
};
static_assert(sizeof(Q4RGroup) == 288 && offsetof(Q4RGroup, step) == 256 &&
              offsetof(Q4RGroup, zero) == 272);

/// Chooses the row's scale and every group's step, zero point and nibbles for
/// the least squared error, larger values weighing more. Writes the row's scale
/// to `scale` and cols / 32 blocks.
void quantizeQ4R(const float *values, int64_t cols, float &scale, Q4RSource *blocks);

extern const Format &formatQ4R;

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_Q4R_H
