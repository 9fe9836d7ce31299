//===- QuantizeToken.cpp - One scale a token on Hexagon -------------------===//
//
// As the generic schedule, a column at a time: HVX has no floats.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/QuantizeToken.h"

namespace ingot {

void scheduleQuantizeTokenHexagon(QuantizeToken &k, const Level &) {
  const Halide::LoopLevel scaleRow(k.scale, k.share.x), sumRow(k.sum, k.share.x);
  k.laneLargest.compute_at(scaleRow);
  k.laneLargest.update().reorder(k.lane, k.chunks.x);
  k.largest.computeAt(scaleRow, /*vectorLanes=*/1);

  k.q.update().reorder(k.col, k.share.x);

  k.laneTotal.compute_at(sumRow);
  k.laneTotal.update().reorder(k.lane, k.chunks.x);
  k.total.computeAt(sumRow, /*vectorLanes=*/1);
}

} // namespace ingot
