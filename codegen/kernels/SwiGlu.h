//===- SwiGlu.h - Gated activation ----------------------------------------===//
//
//   y = gate / (1 + exp(-gate)) * up
//
// The fused gate and up matrix has its rows interleaved, `group` of gate and
// then `group` of up, so that one thread's rows hold both halves of whatever it
// produces. The last group is padded where features is no multiple of it.
//
//   features  of y
//   group     rows of gate, then of up: 16 or 32. swiglu_quantize: 32, and
//             features is a multiple of it
//
// swiglu           rows, begin, end (groups); gu f32[M][2 * features rounded up
//                  to group]; y f32[M][features]
// swiglu_quantize  the same input; y, and q, scale, sum as in Quantize.h. The
//                  pass that quantises reads y: exp costs more than memory does
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_SWIGLU_H
#define INGOT_CODEGEN_KERNELS_SWIGLU_H

#include "codegen/kernels/QuantizedRows.h"

namespace ingot {

struct SwiGlu : KernelStages {
  bool quantizes = false;
  Halide::RDom share;  ///< {index in the group, group, row}
  Halide::Func y{"y"}; ///< (feature, row), update 0 over share
  QuantizedRows quantized;
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_SWIGLU_H
