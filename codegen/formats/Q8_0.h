//===- Q8_0.h - q8_0: 8 bits in groups of 32 ------------------------------===//
//
// Meaning      scale * value, value in [-128, 127]; scale f16, one a row and
//              group of 32 columns.
// Source row   GGUF's blocks: scale, then 32 signed bytes.
// Packed       a row block is cols / 32 groups (struct Q8_0Group):
//                8 vectors of 64 bytes; byte 4 * row + i of vector v holds
//                  column 4 v + i, plus 128
//                16 scales, row 0 first
//              group g of block b: (b * cols / 32 + g) * sizeof(Q8_0Group)
// Why          plus 128: the machines' products want one unsigned operand, and
//              with the offset in the weights its correction is 128 times the
//              sum of the activations, which q4_0 needs as well. An offset in
//              the activations would need a sum of weights for every group: 6 %
//              more bytes to read.
// Bits         8.5 a weight.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_Q8_0_H
#define INGOT_CODEGEN_FORMATS_Q8_0_H

#include "codegen/formats/Format.h"

namespace ingot {

inline constexpr int64_t kQ8Columns = 32; ///< columns of a group

/// GGUF's block of q8_0, as it lies in the file.
struct Q8_0Source {
  uint8_t scale[2];
  int8_t values[32];
};
static_assert(sizeof(Q8_0Source) == 34 && alignof(Q8_0Source) == 1);

/// A packed group.
struct Q8_0Group {
  uint8_t values[8][kRowBlock][4];
  uint16_t scale[kRowBlock];
};
static_assert(sizeof(Q8_0Group) == 544 && offsetof(Q8_0Group, scale) == 512);

extern const Format &formatQ8_0;

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_Q8_0_H
