//===- Quantize.h - Activations to 8 bits ---------------------------------===//
//
// quantize: rows of floats to groups of 32 bytes (QuantizedRows.h).
//
//   cols   a multiple of 32
//
// Arguments: begin, end (token rows); x f32[M][cols]; q i8[M][cols],
// scale f32[M][cols/32], sum f32[M][cols/32].
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_QUANTIZE_H
#define INGOT_CODEGEN_KERNELS_QUANTIZE_H

#include "codegen/kernels/QuantizedRows.h"

namespace ingot {

struct Quantize : KernelStages {
  QuantizedRows quantized;
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_QUANTIZE_H
