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

/// Whether the vectors of a group are written out or are a loop.
enum class VectorsOfGroup { Unrolled, Loop };

/// Makes the activations' words at `at`, for all groups of `tokens` tokens.
inline void scheduleWords(Product &k, const Halide::LoopLevel &at, int tokens) {
  k.words.compute_at(at)
      .store_in(Halide::MemoryType::Stack)
      .bound_extent(k.item, 2)
      .bound_extent(k.plane, k.planes)
      .bound_extent(k.token, tokens)
      .vectorize(k.item)
      .unroll(k.plane);
}

/// The integer sums of a group, or of a whole row, at `at`.
inline void scheduleIntegers(Product &k, const Halide::LoopLevel &at, VectorsOfGroup vectors) {
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
        .unroll(k.sumDom.y);
    if (vectors == VectorsOfGroup::Unrolled)
      update.unroll(k.sumDom.z);
  }
  update.atomic().vectorize(k.sumDom.x).vectorize(k.lane);
}

/// The integer sums of a group where bytes are multiplied to 16 bits. The parts
/// of a group (bytes of 8 bits have four) are a loop: unrolled, LLVM unpacks all
/// of them first and spills.
inline void scheduleShorts(Product &k) {
  k.sums.update()
      .reorder(k.sumDom.x, k.lane, k.token)
      .unroll(k.token)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.lane);
  k.pairs.compute_at(k.acc, k.groups)
      .bound_extent(k.half, 2)
      .reorder(k.half, k.lane, k.token)
      .vectorize(k.half)
      .vectorize(k.lane)
      .unroll(k.token);
  k.pairs.update()
      .reorder(k.pairDom.x, k.half, k.lane, k.token, k.pairDom.y)
      .atomic()
      .vectorize(k.pairDom.x)
      .vectorize(k.half)
      .vectorize(k.lane)
      .unroll(k.token);
  const auto vectors = [&](Halide::Stage stage) {
    stage.vectorize(k.column).vectorize(k.lane).unroll(k.token);
  };
  k.shorts.compute_at(k.pairs, k.pairDom.y)
      .bound_extent(k.column, 4)
      .reorder(k.column, k.lane, k.part, k.token);
  vectors(k.shorts);
  vectors(k.shorts.update()
              .reorder(k.column, k.lane, k.token, k.part, k.shortDom.x, k.shortDom.y)
              .unroll(k.shortDom.x)
              .unroll(k.shortDom.y));
}

/// Computes the product of a tile at `at`.
inline void scheduleProduct(Product &k, const Halide::LoopLevel &at, int tokens,
                            VectorsOfGroup vectors = VectorsOfGroup::Unrolled) {
  k.acc.compute_at(at).bound_extent(k.token, tokens);
  k.acc.vectorize(k.lane).unroll(k.token);
  if (k.wholeRow) {
    scheduleIntegers(k, at, vectors);
    k.sums.bound_extent(k.token, tokens);
    if (k.hasPairs())
      k.pairs.bound_extent(k.token, tokens);
    return;
  }
  int stage = 0;
  if (k.hasGroups()) {
    k.acc.update(stage++).reorder(k.lane, k.token, k.groups).vectorize(k.lane).unroll(k.token);
    if (k.hasShorts()) {
      k.sums.compute_at(k.acc, k.groups).vectorize(k.lane).unroll(k.token);
      scheduleShorts(k);
    } else if (k.quantized) {
      scheduleIntegers(k, {k.acc, k.groups}, vectors);
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
