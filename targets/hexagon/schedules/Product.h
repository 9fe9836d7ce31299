//===- Product.h - The inner loops of both products on HVX ----------------===//
//
// The machine: 32 vectors of 128 bytes that hold integers, four instructions a
// packet, of which one loads a vector and two may multiply. A vector of weights
// is 16 rows of two quads of columns, so it meets two quads of activations, each
// repeated for 16 rows; their two halves are added once a group (a row, with one
// scale a token).
//
// Repeating is done once a tile of tokens, on the stack (16 bytes an activation),
// for all row blocks: made where they are used, they take eight times as many
// packets as the multiplications.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_HEXAGON_SCHEDULES_PRODUCT_H
#define INGOT_TARGETS_HEXAGON_SCHEDULES_PRODUCT_H

#include "targets/generic/schedules/Product.h"

namespace ingot {

/// Asks for the weights of the next row block while one is computed: `l2fetch`.
/// What lies behind the matrix may be asked for; the instruction never faults.
inline void prefetchWeights(Product &k, Halide::Stage stage, const Halide::RVar &block) {
  for (const Halide::ImageParam &input : k.inputs)
    if (input.name() == "weights")
      stage.prefetch(input, block, block, 1, Halide::PrefetchBoundStrategy::NonFaulting);
}

/// Computes `tokens` tokens of a row block of bytes at `at`, their repeated
/// activations at `spreadAt`. Floats are scalars.
inline void scheduleByteProduct(Product &k, const Halide::LoopLevel &at,
                                const Halide::LoopLevel &spreadAt, int tokens) {
  const int rows = int(kRowBlock);
  k.spread.compute_at(spreadAt)
      .store_in(Halide::MemoryType::Register)
      .bound_extent(k.item, k.items)
      .bound_extent(k.lane, rows)
      .bound_extent(k.plane, k.planes)
      .bound_extent(k.token, tokens)
      .reorder_storage(k.item, k.lane, k.vector, k.plane, k.group, k.token)
      .reorder(k.item, k.lane, k.vector, k.plane, k.group, k.token)
      .vectorize(k.item)
      .vectorize(k.lane)
      .unroll(k.vector, 2);

  k.acc.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, rows);
  const Halide::LoopLevel sumsAt = k.wholeRow ? at : Halide::LoopLevel(k.acc, k.groups);
  if (!k.wholeRow)
    k.acc.update().reorder(k.lane, k.token, k.groups);
  Halide::RVar vectors("vectors"), inPair("in_pair");
  Halide::Var half("half");
  Halide::Stage update = k.sums.update();
  update.split(k.sumDom.z, vectors, inPair, 2);
  Halide::Func halves = update.rfactor(inPair, half);
  halves.compute_at(sumsAt)
      .reorder_storage(k.lane, half, k.token)
      .bound_extent(half, 2)
      .bound_extent(k.token, tokens)
      .vectorize(k.lane)
      .vectorize(half)
      .unroll(k.token);
  halves.update()
      .reorder(k.sumDom.x, k.lane, half, k.token, k.sumDom.y, vectors, k.sumDom.w)
      .unroll(k.token)
      .unroll(k.sumDom.y)
      .unroll(vectors)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.lane)
      .vectorize(half);
  // What follows is scalar, row by row.
  k.sums.compute_at(k.acc, k.lane);
  k.sums.update().unroll(inPair);
}

/// Computes `tokens` tokens of a row block of floats at `at`: the loops of the
/// generic product, row by row.
inline void scheduleFloatProduct(Product &k, const Halide::LoopLevel &at, int tokens) {
  k.acc.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, int(kRowBlock));
  int stage = 0;
  if (k.hasGroups()) {
    k.acc.update(stage++).reorder(k.token, k.lane, k.groups).unroll(k.token);
    k.sums.compute_at(k.acc, k.lane).unroll(k.token);
    k.sums.update().reorder(k.token, k.sumDom.x).unroll(k.token);
  }
  if (k.hasRest()) {
    k.acc.update(stage).reorder(k.token, k.lane).unroll(k.token);
    k.rest.compute_at(k.acc, k.lane).unroll(k.token);
    k.rest.update().reorder(k.token, k.restDom.x).unroll(k.token);
  }
}

} // namespace ingot

#endif // INGOT_TARGETS_HEXAGON_SCHEDULES_PRODUCT_H
