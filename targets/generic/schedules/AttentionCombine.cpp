//===- AttentionCombine.cpp - Attention from its blocks, right everywhere -===//
//
// A head at a time, its sums in registers, 16 factors at a time. Three heads at
// a time, to hide the latency of their additions, lost (1.45 against 1.15 us, 9
// heads, 32 blocks, Zen 4): the factors push the sums out of the registers.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionCombine.h"

#include <numeric>

namespace ingot {

void scheduleAttentionCombineGeneric(AttentionCombine &k, const Level &level) {
  const int lanes = level.vectorBits / 32;
  const Halide::LoopLevel head(k.y, k.share.x);
  k.y.update()
      .reorder(k.d, k.share.x, k.share.y)
      .vectorize(k.d, std::gcd(lanes, k.headDim))
      .unroll(k.d);

  k.laneLargest.compute_at(head).vectorize(k.lane, lanes);
  k.laneLargest.update().reorder(k.lane, k.runs.x).vectorize(k.lane, lanes);
  k.largest.computeAt(head, lanes);

  const int stride = int(partialStride(k.headDim));
  k.sums.compute_at(head).bound(k.element, 0, stride).vectorize(k.element, lanes).unroll(k.element);
  k.sums.update()
      .reorder(k.element, k.blocks.x, k.blocks.y)
      .vectorize(k.element, lanes)
      .unroll(k.element);
  k.factors.compute_at(k.sums, k.blocks.y).vectorize(k.lane, lanes);
  k.inverse.compute_at(head);
}

} // namespace ingot
