//===- Float.h - f32, f16: weights as floats ------------------------------===//
//
// Source row   cols floats, little-endian.
// Packed       a row block is cols vectors of 16 elements: vector k holds
//              column k of rows 0..15. No group, no scale.
//                element (row, k) of block b: (b * cols + k) * 16 + row
// Why          a kernel multiplies one vector by one broadcast activation, so
//              lanes are rows and nothing is ever summed across lanes.
// Bits         32 or 16 a weight.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_FLOAT_H
#define INGOT_CODEGEN_FORMATS_FLOAT_H

#include "codegen/formats/Format.h"

namespace ingot {

/// f32 (element uint32_t) and f16 (element uint16_t), as bits.
extern const Format &formatF32;
extern const Format &formatF16;

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_FLOAT_H
