//===- AttentionPartial.h - Attention over a block, in floats -------------===//
//
// attention_partial_<f16|f32>: AttentionBlock.h with
//
//   score[p] = sum over d, in order, of q[d] * key[p][d]
//   o[d]     = sum over p, in order, of w[p] * value[p][d]
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H

#include "codegen/kernels/AttentionBlock.h"

namespace ingot {

struct AttentionPartial : AttentionBlock {
  AttentionPartial(const KernelSpec &spec, const Level &level);

  Halide::Func dots{"dots"}; ///< (in run, run, member, row), one update over dims
  Halide::RDom dims;         ///< {dim in the unit, unit}
  Halide::Func sums{"sums"}; ///< (x, u, member, row), one update over positions
  Halide::RDom positions;
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H
