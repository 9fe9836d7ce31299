//===- Product.h - The inner loops of both products on HVX ----------------===//
//
// The machine: 32 vectors of 128 bytes that hold integers, four instructions a
// packet, of which one loads a vector and one multiplies two. A vector of weights
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

/// Computes `tokens` tokens of `blocks` row blocks of bytes at `at`, their
/// repeated activations at `spreadAt`. Floats are scalars.
inline void scheduleByteProduct(Product &k, const Halide::LoopLevel &at,
                                const Halide::LoopLevel &spreadAt, int tokens, int blocks = 1) {
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

  if (!k.wholeRow) {
    k.acc.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, rows);
    k.acc.update().reorder(k.lane, k.token, k.groups);
  }
  const Halide::LoopLevel sumsAt = k.wholeRow ? at : Halide::LoopLevel(k.acc, k.groups);
  Halide::RVar vectors("vectors"), inPair("in_pair");
  Halide::Var half("half");
  Halide::Stage update = k.sums.update();
  update.split(k.sumDom.z, vectors, inPair, 2);
  Halide::Func halves = update.rfactor(inPair, half);
  halves.compute_at(sumsAt)
      .reorder_storage(k.lane, half, k.token)
      .bound_extent(half, 2)
      .bound_extent(k.token, tokens)
      .bound_extent(k.block, blocks)
      .vectorize(k.lane)
      .vectorize(half)
      .unroll(k.block)
      .unroll(k.token);
  halves.update()
      .reorder(k.sumDom.x, k.lane, half, k.token, k.block, k.sumDom.y, vectors, k.sumDom.w)
      .unroll(k.block)
      .unroll(k.token)
      .unroll(k.sumDom.y)
      .unroll(vectors)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.lane)
      .vectorize(half);
  k.sums.update().unroll(inPair);
  if (!k.wholeRow)
    k.sums.compute_at(k.acc, k.lane); // what follows a group is scalar, row by row
}

/// What follows whole rows, in the loop over lanes of `y`: eight rows at a time,
/// 20 packets, where one at a time in a loop for `acc` and one for `y` takes 40.
/// (The products of eight rows of 576 columns are 45.)
inline void scheduleRows(Product &k, Halide::Func &y) {
  constexpr int kRows = 8;
  Halide::Var rows("rows"), row("row");
  y.update().split(k.lane, rows, row, kRows).unroll(row);
  k.sums.compute_at(y, rows).bound_extent(k.lane, kRows).unroll(k.lane);
  k.sums.update().unroll(k.lane);
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
