//===- AttentionBytes.cpp - Attention in integers on HVX ------------------===//
//
// Both products are `vrmpy`: four dims of 16 keys, half a vector, and four
// positions of 32 dims, a whole one. What is around them (softmax, scales) is
// scalar floats, as everywhere here.
//
//===----------------------------------------------------------------------===//

#include "targets/generic/schedules/AttentionBytes.h"

namespace ingot {

using Halide::LoopLevel;
using Halide::Var;

static constexpr int kVectorInts = 32;

static void scheduleDots(AttentionBytes &k, const LoopLevel &at) {
  k.dots.compute_at(at).bound_extent(k.inRun, int(kKvRun));
  k.dots.update().reorder(k.inRun, k.member, k.inHead);
  k.unitDots.compute_at(k.dots, k.inHead)
      .bound_extent(k.inRun, int(kKvRun))
      .align_storage(k.inRun, kVectorInts) // a head's half vector at the begin of one
      .vectorize(k.inRun)
      .unroll(k.member);
  k.unitDots.update()
      .reorder(k.dotDom.x, k.inRun, k.member, k.dotDom.y)
      .atomic()
      .vectorize(k.dotDom.x)
      .vectorize(k.inRun)
      .unroll(k.member);
}

static void scheduleSums(AttentionBytes &k) {
  k.output.compute_at({k.partial, k.share.x})
      .bound(k.x, 0, k.unit)
      .bound(k.u, 0, k.units)
      .reorder(k.x, k.member, k.u);
  k.sums.compute_at(k.output, k.u)
      .bound_extent(k.x, k.unit)
      .bound_extent(k.part, k.parts)
      .vectorize(k.x, kVectorInts)
      .unroll(k.x)
      .unroll(k.member)
      .unroll(k.part);
  k.sums.update()
      .reorder(k.sumDom.x, k.x, k.part, k.u, k.member, k.sumDom.y)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.x, kVectorInts)
      .unroll(k.x)
      .unroll(k.part)
      .unroll(k.member);
}

void scheduleAttentionBytesHexagon(AttentionBytes &k, const Level &level) {
  if (k.unit % kVectorInts) // small vectors come out wrong: the matrix found it
    return scheduleAttentionBytesGeneric(k, level);
  scheduleDots(k, scheduleSoftmax(k, level, {/*heads=*/k.group, /*others=*/int(kKvRun)}));
  // The heads of a group beside each other: scalar floats wait for their predecessors.
  k.weights.bound(k.member, 0, k.group).reorder(k.member, k.p).unroll(k.member);
  scheduleWeights(k, level);
  k.weightInts.reorder(k.part, k.member, k.p, k.u).unroll(k.member);
  scheduleSums(k);
}

} // namespace ingot
