//===- RopeQBytes.cpp - Queries in bytes, right everywhere ----------------===//
//
// A unit at a time in each of the three passes. Its floats are vectors of pairs,
// made twice, which is cheaper than writing them down.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/RopeQBytes.h"
#include "targets/generic/schedules/Pairs.h"

namespace ingot {

void scheduleRopeQBytesGeneric(RopeQBytes &k, const Level &level) {
  const int lanes = level.vectorBits / 32, pairs = pairLanes(level.vectorBits, k.unit);
  const Halide::LoopLevel scaleUnit(k.scale, k.share.x), qUnit(k.q, k.share.x);
  vectorizePairs(k.forScale.compute_at(scaleUnit).bound(k.index, 0, k.unit), k.index, pairs);
  k.largest.computeAt(scaleUnit, lanes);

  vectorizePairs(k.forQ.compute_at(qUnit).bound(k.index, 0, k.unit), k.index, pairs);
  k.q.update().reorder(k.index, k.share.x, k.share.y).vectorize(k.index, std::gcd(lanes, k.stored));

  k.total.compute_at(k.sum, k.share.x);
  if (lanes > 1)
    k.total.update().atomic().vectorize(k.inStored, std::gcd(32, k.stored));
}

} // namespace ingot
