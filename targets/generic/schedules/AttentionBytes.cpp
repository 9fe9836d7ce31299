//===- AttentionBytes.cpp - Attention in integers, right everywhere -------===//
//
// The products are those of a matrix and a vector: keys are rows of positions,
// the query its activations; values are rows of dims, the weights theirs.
//
//===----------------------------------------------------------------------===//

#include "targets/generic/schedules/AttentionBytes.h"

#include <numeric>

namespace ingot {

using Halide::LoopLevel;
using Halide::RVar;
using Halide::Var;

namespace {

/// The dots of a tile of scores at `at`.
void scheduleDots(AttentionBytes &k, const LoopLevel &at, int positions, int lanes) {
  k.dots.compute_at(at)
      .bound_extent(k.inRun, positions)
      .vectorize(k.inRun, lanes)
      .unroll(k.inRun)
      .unroll(k.member);
  k.dots.update()
      .reorder(k.inRun, k.member, k.inHead)
      .vectorize(k.inRun, lanes)
      .unroll(k.inRun)
      .unroll(k.member);
  const LoopLevel unit(k.dots, k.inHead);
  k.unitDots.compute_at(unit)
      .bound_extent(k.inRun, positions)
      .vectorize(k.inRun, lanes)
      .unroll(k.inRun)
      .unroll(k.member);
  Halide::Stage update = k.unitDots.update();
  if (k.byQuads) {
    update.reorder(k.dotDom.x, k.inRun, k.member, k.dotDom.y).unroll(k.dotDom.y);
  } else {
    update.reorder(k.dotDom.x, k.inRun, k.member);
    k.dotHalves.compute_at(unit)
        .bound_extent(k.half, 2)
        .bound_extent(k.inRun, positions)
        .reorder(k.half, k.inRun, k.member)
        .vectorize(k.half)
        .vectorize(k.inRun, lanes)
        .unroll(k.inRun)
        .unroll(k.member);
    k.dotHalves.update()
        .reorder(k.dotPairs.x, k.half, k.inRun, k.member, k.dotPairs.y)
        .atomic()
        .vectorize(k.dotPairs.x)
        .vectorize(k.half)
        .vectorize(k.inRun, lanes)
        .unroll(k.inRun)
        .unroll(k.member);
  }
  update.atomic().vectorize(k.dotDom.x).vectorize(k.inRun, lanes).unroll(k.inRun).unroll(k.member);
}

/// The sums of values, `lanes` dims a vector.
void scheduleSums(AttentionBytes &k, const Level &level, int lanes) {
  // Vectors of values, which all heads share (bytes, or widened to two of words), and two weights
  // that are broadcast.
  const int registers = 2, shared = k.byQuads ? 1 : 2, vectors = k.unit / lanes;
  const AttentionTile tile = largestTile(k.group, k.units * vectors, [&](int h, int o) {
    return (h * registers + shared) * o + 2 <= level.vectorRegisters &&
           (vectors % o == 0 || o % vectors == 0);
  });
  const int units = std::max(1, tile.others / vectors);
  const int dims = std::min(k.unit, tile.others * lanes);
  Var outer("outer"), inner("inner"), chunk("chunk"), dim("dim"), members("members"), one("one");
  k.output.compute_at({k.partial, k.share.x})
      .bound(k.x, 0, k.unit)
      .bound(k.u, 0, k.units)
      .split(k.u, outer, inner, units)
      .split(k.x, chunk, dim, dims)
      .split(k.member, members, one, tile.heads)
      .reorder(dim, inner, one, chunk, outer, members)
      .vectorize(dim, lanes)
      .unroll(dim)
      .unroll(inner)
      .unroll(one);
  const LoopLevel at(k.output, chunk);
  k.sums.compute_at(at)
      .bound_extent(k.x, dims)
      .bound_extent(k.part, k.parts)
      .vectorize(k.x, lanes)
      .unroll(k.x)
      .unroll(k.u)
      .unroll(k.member)
      .unroll(k.part);
  Halide::Stage update = k.sums.update();
  if (k.byQuads) {
    update.reorder(k.sumDom.x, k.x, k.part, k.u, k.member, k.sumDom.y);
  } else {
    update.reorder(k.sumDom.x, k.x, k.part, k.u, k.member);
    k.sumHalves.compute_at(at)
        .bound_extent(k.half, 2)
        .bound_extent(k.x, dims)
        .reorder(k.half, k.x, k.u, k.member)
        .vectorize(k.half)
        .vectorize(k.x, lanes)
        .unroll(k.x)
        .unroll(k.u)
        .unroll(k.member);
    k.sumHalves.update()
        .reorder(k.sumPairs.x, k.half, k.x, k.u, k.member, k.part, k.sumPairs.y)
        .atomic()
        .vectorize(k.sumPairs.x)
        .vectorize(k.half)
        .vectorize(k.x, lanes)
        .unroll(k.x)
        .unroll(k.u)
        .unroll(k.member);
  }
  update.atomic()
      .vectorize(k.sumDom.x)
      .vectorize(k.x, lanes)
      .unroll(k.x)
      .unroll(k.part)
      .unroll(k.u)
      .unroll(k.member);
}

} // namespace

void scheduleAttentionBytesGeneric(AttentionBytes &k, const Level &level) {
  const int lanes = level.vectorBits / 32, ofScores = scoreLanes(level);
  const AttentionTile scores =
      chooseTile(level, k.group, int(kKvRun) / ofScores, k.byQuads ? 1 : 2);
  const LoopLevel tile = scheduleSoftmax(k, level, scores);
  scheduleWeights(k, level);
  scheduleDots(k, tile, scores.others * ofScores, ofScores);
  scheduleSums(k, level, std::gcd(lanes, k.unit));
}

} // namespace ingot
