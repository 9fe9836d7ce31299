//===- AttentionBytes.h - The weights of attention in integers ------------===//
#ifndef INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTIONBYTES_H
#define INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTIONBYTES_H

#include "codegen/kernels/AttentionBytes.h"
#include "targets/generic/schedules/Attention.h"

namespace ingot {

/// Rounds the weights of the row.
inline void scheduleWeights(AttentionBytes &k, const Level &level) {
  const int lanes = level.vectorBits / 32;
  const Halide::LoopLevel row(k.partial, k.share.x);
  // Constant extents: on the stack, not on the heap.
  const auto atRow = [&](Halide::Func &f) -> Halide::Func & {
    return f.compute_at(row).bound(k.u, 0, k.units).bound_storage(k.row, 1);
  };
  if (k.offset.defined())
    atRow(k.offset).bound(k.member, 0, k.group).unroll(k.u).unroll(k.member);
  const int block = int(kKvBlock), few = std::min(lanes, int(kKvRun));
  atRow(k.usedScales).bound(k.p, 0, block).vectorize(k.p, few);
  k.largestScale.computeAt(row, lanes);
  if (k.units * block <= level.vectorRegisters * lanes)
    k.largestScale.unroll(k.u, k.units);
  atRow(k.weightStep);
  atRow(k.steps).bound(k.p, 0, block).vectorize(k.p, few);
  atRow(k.weightInts)
      .bound(k.member, 0, k.group)
      .bound(k.p, 0, block)
      .bound(k.part, 0, k.parts)
      .reorder(k.part, k.p, k.u, k.member)
      .unroll(k.part)
      .vectorize(k.p, few);
}

/// Right everywhere.
void scheduleAttentionBytesGeneric(AttentionBytes &k, const Level &level);

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTIONBYTES_H
