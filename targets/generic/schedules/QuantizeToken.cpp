//===- QuantizeToken.cpp - One scale a token, right everywhere ------------===//
//
// A row at a time, in three passes that all stay in the first cache.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/QuantizeToken.h"
#include "targets/generic/schedules/Quantize.h"

namespace ingot {

void scheduleQuantizeTokenGeneric(QuantizeToken &k, const Level &level) {
  const int lanes = floatLanes(level, kTokenLanes);
  const Halide::LoopLevel scaleRow(k.scale, k.share.x), sumRow(k.sum, k.share.x);
  k.laneLargest.compute_at(scaleRow).vectorize(k.lane, lanes).unroll(k.lane);
  k.laneLargest.update().reorder(k.lane, k.chunks.x).vectorize(k.lane, lanes).unroll(k.lane);
  k.largest.computeAt(scaleRow, lanes);

  k.q.update().reorder(k.col, k.share.x).vectorize(k.col, kTokenLanes);

  k.laneTotal.compute_at(sumRow).vectorize(k.lane, lanes).unroll(k.lane);
  k.laneTotal.update().reorder(k.lane, k.chunks.x).vectorize(k.lane, lanes).unroll(k.lane);
  k.total.computeAt(sumRow, lanes);
}

} // namespace ingot
