//===- Product.h - The inner loops of both products -----------------------===//
//
// All tokens of a tile are unrolled, so that their accumulators become
// registers, and each load of a weight serves all of them.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_GENERIC_SCHEDULES_PRODUCT_H
#define INGOT_TARGETS_GENERIC_SCHEDULES_PRODUCT_H

#include "codegen/kernels/Product.h"

namespace ingot {

/// The integer sums of a group, or of a whole row, at `at`.
inline void scheduleIntegers(Product &k, const Halide::LoopLevel &at) {
  k.sums.compute_at(at).vectorize(k.lane).unroll(k.token);
  Halide::Stage update = k.sums.update();
  if (k.hasPairs()) {
    update.reorder(k.sumDom.x, k.lane, k.token).unroll(k.token);
    k.pairs.compute_at(at)
        .bound_extent(k.half, 2)
        .reorder(k.half, k.lane, k.token)
        .vectorize(k.half)
        .vectorize(k.lane)
        .unroll(k.token);
    k.pairs.update()
        .reorder(k.pairDom.x, k.half, k.lane, k.token, k.pairDom.y, k.pairDom.z, k.pairDom.w)
        .atomic(/*override_associativity_test=*/true) // it never saturates
        .vectorize(k.pairDom.x)
        .vectorize(k.half)
        .vectorize(k.lane)
        .unroll(k.token)
        .unroll(k.pairDom.y);
  } else {
    update.reorder(k.sumDom.x, k.lane, k.token, k.sumDom.y, k.sumDom.z, k.sumDom.w)
        .unroll(k.token)
        .unroll(k.sumDom.y)
        .unroll(k.sumDom.z);
  }
  update.atomic().vectorize(k.sumDom.x).vectorize(k.lane);
}

/// Computes the product of a tile at `at`.
inline void scheduleProduct(Product &k, const Halide::LoopLevel &at, int tokens) {
  k.acc.compute_at(at).bound_extent(k.token, tokens);
  k.acc.vectorize(k.lane).unroll(k.token);
  if (k.wholeRow) {
    scheduleIntegers(k, at);
    k.sums.bound_extent(k.token, tokens);
    if (k.hasPairs())
      k.pairs.bound_extent(k.token, tokens);
    return;
  }
  int stage = 0;
  if (k.hasGroups()) {
    k.acc.update(stage++).reorder(k.lane, k.token, k.groups).vectorize(k.lane).unroll(k.token);
    if (k.quantized) {
      scheduleIntegers(k, {k.acc, k.groups});
    } else {
      k.sums.compute_at(k.acc, k.groups).vectorize(k.lane).unroll(k.token);
      k.sums.update().reorder(k.lane, k.token, k.sumDom.x).vectorize(k.lane).unroll(k.token);
    }
  }
  if (k.hasRest()) {
    k.acc.update(stage).vectorize(k.lane).unroll(k.token);
    k.rest.compute_at(at).bound_extent(k.token, tokens);
    k.rest.vectorize(k.lane).unroll(k.token);
    k.rest.update().reorder(k.lane, k.token, k.restDom.x).vectorize(k.lane).unroll(k.token);
  }
}

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_SCHEDULES_PRODUCT_H
