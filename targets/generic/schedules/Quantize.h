//===- Quantize.h - The three passes of a quantising kernel ---------------===//
#ifndef INGOT_TARGETS_GENERIC_SCHEDULES_QUANTIZE_H
#define INGOT_TARGETS_GENERIC_SCHEDULES_QUANTIZE_H

#include "codegen/kernels/QuantizedRows.h"

#include <algorithm>

namespace ingot {

/// Floats of a vector, at most `most`.
inline int floatLanes(const Level &level, int most) {
  return std::min(level.vectorBits / 32, most);
}

inline void scheduleQuantizedRows(QuantizedRows &k, const Level &level) {
  const int lanes = floatLanes(level, kActivationGroup);
  const Halide::LoopLevel scaleGroup(k.scale, k.share.x);
  k.magnitude.compute_at(scaleGroup).vectorize(k.index, lanes).unroll(k.index);
  k.largest.computeAt(scaleGroup, lanes);

  k.q.update().reorder(k.index, k.share.x, k.share.y).vectorize(k.index, lanes).unroll(k.index);

  const Halide::LoopLevel sumGroup(k.sum, k.share.x);
  k.total.compute_at(sumGroup).update().atomic().vectorize(k.inGroup);
}

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_SCHEDULES_QUANTIZE_H
