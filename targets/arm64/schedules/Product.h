//===- Product.h - The inner loops of both products on 128-bit vectors ----===//
//
// The machine: 32 registers of 128 bits and no memory operands. A group of 32
// columns is multiplied in integers and then costs four instructions for every
// register of four results (three without a minimum): conversion, minimum,
// scale of the weights, scale of the activations. These do not shrink with a
// better schedule; the unpacking does, with the number of tokens.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_ARM64_SCHEDULES_PRODUCT_H
#define INGOT_TARGETS_ARM64_SCHEDULES_PRODUCT_H

#include "targets/generic/schedules/Product.h"

namespace ingot {

/// The integer sums of a group by products of four bytes. A register holds four quads of a token's
/// activations, and the instruction names the one that it multiplies by: no
/// broadcasts, which otherwise are a load for each.
inline void scheduleSumsByQuads(Product &k) {
  Halide::Func q = k.inputs[0].in();
  const Halide::Var column = q.args()[0], token = q.args()[1];
  q.compute_at(k.acc, k.groups)
      .bound_extent(column, int(kColumnGroup))
      .vectorize(column, 16)
      .unroll(column)
      .unroll(token);
  k.sums.update()
      .reorder(k.sumDom.x, k.lane, k.token, k.sumDom.y, k.sumDom.z)
      .unroll(k.token)
      .unroll(k.sumDom.y)
      .unroll(k.sumDom.z)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.lane);
}

/// The integer sums of whole rows, without floats between: 16 columns at a time,
/// whose activations are one register a token.
inline void scheduleWholeRowByQuads(Product &k, const Halide::LoopLevel &at, int tokens,
                                    int lanes) {
  constexpr int kQuads = 4;
  k.acc.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, lanes);
  k.acc.vectorize(k.lane).unroll(k.token);
  k.sums.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, lanes);
  k.sums.vectorize(k.lane).unroll(k.token);
  Halide::RVar quads("quads"), quad("quad");
  k.sums.update()
      .split(k.sumDom.z, quads, quad, kQuads)
      .reorder({k.sumDom.x, k.lane, k.token, k.sumDom.y, quad, quads, k.sumDom.w})
      .unroll(k.token)
      .unroll(k.sumDom.y)
      .unroll(quad)
      .atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.lane);
  Halide::Func q = k.inputs[0].in();
  const Halide::Var column = q.args()[0], token = q.args()[1];
  q.compute_at(k.sums, quads)
      .bound_extent(column, 4 * kQuads)
      .vectorize(column, 4 * kQuads)
      .unroll(token);
}

/// Computes `tokens` tokens of `lanes` rows of a row block of bytes at `at`.
inline void scheduleByteProduct(Product &k, const Halide::LoopLevel &at, int tokens, int lanes) {
  k.acc.compute_at(at).bound_extent(k.token, tokens).bound_extent(k.lane, lanes);
  k.acc.vectorize(k.lane).unroll(k.token);
  k.acc.update().reorder(k.lane, k.token, k.groups).vectorize(k.lane).unroll(k.token);
  k.sums.compute_at(k.acc, k.groups).vectorize(k.lane).unroll(k.token);
  if (k.hasShorts())
    scheduleShorts(k);
  else
    scheduleSumsByQuads(k);
}

} // namespace ingot

#endif // INGOT_TARGETS_ARM64_SCHEDULES_PRODUCT_H
