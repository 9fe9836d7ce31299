//===- RmsNorm.cpp - Norms, right everywhere ------------------------------===//
//
// A row at a time. The 32 lanes of the sum of squares are several accumulators
// of a vector each, which hides the latency of their additions.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/RmsNorm.h"
#include "targets/generic/schedules/Quantize.h"

namespace ingot {

static void scheduleInverse(InverseRms &pass, Halide::Var lane, const Halide::LoopLevel &row,
                            const Level &level) {
  const int lanes = floatLanes(level, kNormLanes);
  pass.squares.compute_at(row).vectorize(lane, lanes).unroll(lane);
  if (pass.fullDom.defined())
    pass.squares.update(0).reorder(lane, pass.fullDom.x).vectorize(lane, lanes).unroll(lane);
  if (pass.restDom.defined())
    pass.squares.update(pass.fullDom.defined() ? 1 : 0).unscheduled();
  pass.total.computeAt(row, lanes);
  pass.inverse.compute_at(row);
}

void scheduleRmsNormGeneric(RmsNorm &k, const Level &level) {
  if (k.quantizes) {
    QuantizedRows &q = k.quantized;
    scheduleQuantizedRows(q, level);
    scheduleInverse(k.passes[0], k.lane, {q.scale, q.share.y}, level);
    scheduleInverse(k.passes[1], k.lane, {q.q, q.share.y}, level);
    return;
  }
  const int lanes = floatLanes(level, int(k.param("cols")));
  k.y.update().reorder(k.col, k.share.x).vectorize(k.col, lanes, Halide::TailStrategy::GuardWithIf);
  scheduleInverse(k.passes[0], k.lane, {k.y, k.share.x}, level);
}

} // namespace ingot
