//===- Q4.h - q4_0, q4_1: 4 bits in groups of 32 --------------------------===//
//
// Meaning      q4_0: scale * (nibble - 8); q4_1: scale * nibble + minimum.
//              Scale and minimum are f16, one a row and group of 32 columns.
// Source row   GGUF's blocks: scale, [minimum,] then 16 bytes, of which byte i
//              holds column i (low nibble) and column 16 + i (high nibble).
// Packed       a row block is cols / 32 groups (struct Q4Group):
//                4 vectors of 64 bytes; byte 4 * row + i of vector v holds
//                  column 8 v + i (low nibble) and column 8 v + 4 + i (high)
//                16 scales, row 0 first; q4_1: 16 minima
//              group g of block b: (b * cols / 32 + g) * sizeof(Group)
// Why          one load and two masks give two vectors of 16 rows x 4 columns,
//              the operand of a dot-product instruction against 4 broadcast
//              activations; everything of a group lies together, so a thread
//              reads one stream.
// Bits         q4_0: 4.5, q4_1: 5.0 a weight.
// Who else     the kernels' view of it is Q4 layout() (codegen/kernels/Product).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_Q4_H
#define INGOT_CODEGEN_FORMATS_Q4_H

#include "codegen/formats/Format.h"

namespace ingot {

inline constexpr int64_t kQ4Columns = 32; ///< columns of a group

/// GGUF's block of q4_0, as it lies in the file.
struct Q4_0Source {
  uint8_t scale[2];
  uint8_t values[16];
};
static_assert(sizeof(Q4_0Source) == 18 && alignof(Q4_0Source) == 1);

/// GGUF's block of q4_1.
struct Q4_1Source {
  uint8_t scale[2];
  uint8_t minimum[2];
  uint8_t values[16];
};
static_assert(sizeof(Q4_1Source) == 20 && alignof(Q4_1Source) == 1);

/// A packed group of q4_0.
struct Q4_0Group {
  uint8_t values[4][kRowBlock][4];
  uint16_t scale[kRowBlock];
};
static_assert(sizeof(Q4_0Group) == 288 && offsetof(Q4_0Group, scale) == 256);

/// A packed group of q4_1.
struct Q4_1Group {
  uint8_t values[4][kRowBlock][4];
  uint16_t scale[kRowBlock];
  uint16_t minimum[kRowBlock];
};
static_assert(sizeof(Q4_1Group) == 320 && offsetof(Q4_1Group, scale) == 256 &&
              offsetof(Q4_1Group, minimum) == 288);

extern const Format &formatQ4_0;
extern const Format &formatQ4_1;

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_Q4_H
