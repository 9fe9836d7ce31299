//===- Rope.cpp - Rotary positions, right everywhere ----------------------===//
//
// A vector of pairs at a time: both halves of a pair in one iteration, which
// Halide writes as one interleaved store.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Rope.h"
#include "targets/generic/schedules/Pairs.h"

namespace ingot {

void scheduleRopeAnglesGeneric(RopeAngles &k, const Level &level) {
  // Doubles: half as many lanes.
  const int lanes = pairLanes(level.vectorBits / 2, int(k.param("head_dim")));
  vectorizePairs(k.cs.update().reorder(k.dim, k.share.x), k.dim, lanes);
}

void scheduleRopeQGeneric(RopeQ &k, const Level &level) {
  vectorizePairs(k.q.update().reorder(k.index, k.share.x, k.share.y), k.index,
                 pairLanes(level.vectorBits, k.unit));
}

} // namespace ingot
