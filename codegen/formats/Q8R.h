//===- Q8R.h - q8r: 8 bits, one scale a row -------------------------------===//
//
// Meaning      scale * value, value in -127..127; the scale is f32, one a row:
//              the W8 of MobileLLM's W8A8 (Liu et al., 2024, section 3.4: min-max,
//              per output channel).
// Source row   the scale (f32), then cols bytes.
// Packed       a row block is cols / 32 groups (struct Q8RGroup) of 8 vectors of
//              64 bytes; byte 4 * row + i of vector v holds column 4 v + i, plus
//              128. Then 16 row scales (f32).
// Why          no scale stands inside the sum over the columns: with activations
//              of one scale a token the whole row is one integer product.
// Bits         8.0 a weight, and 32 a row.
// Who else     nobody; quantizeRow() makes its rows.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_Q8R_H
#define INGOT_CODEGEN_FORMATS_Q8R_H

#include "codegen/formats/Format.h"

namespace ingot {

inline constexpr int64_t kQ8RColumns = 32; ///< columns of a group: no scale, only layout

/// A packed group.
struct Q8RGroup {
  uint8_t values[8][kRowBlock][4];
};
static_assert(sizeof(Q8RGroup) == 512);

extern const Format &formatQ8R;

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_Q8R_H
