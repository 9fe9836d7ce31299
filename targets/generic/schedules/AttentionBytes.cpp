//===- AttentionBytes.cpp - Attention in integers, right everywhere -------===//
//
// The products are those of a matrix and a vector: keys are rows of positions,
// the query its activations; values are rows of dims, the weights theirs.
//
//===----------------------------------------------------------------------===//

#include "targets/generic/schedules/AttentionBytes.h"

#include <algorithm>
#include <numeric>

namespace ingot {

using Halide::LoopLevel;
using Halide::Stage;
using Halide::Var;

namespace {

/// Sums of every second pair of a quad's products, both halves side by side.
/// `halves` is over {pair, ...}; its loops inside of `quads` are registers.
void schedulePairs(Halide::Func &halves, const LoopLevel &at, const Var &half,
                   const Halide::RDom &quads, const Var &lane, int extent, int lanes,
                   const std::vector<Var> &others, const std::vector<Halide::VarOrRVar> &order) {
  halves.compute_at(at).bound_extent(half, 2).bound_extent(lane, extent);
  inRegisters(Stage(halves).reorder(half, lane).vectorize(half), lane, lanes, others);
  Stage update = halves.update();
  update.reorder(order).atomic().vectorize(quads.x).vectorize(half);
  inRegisters(update, lane, lanes, others);
}

/// The dots of a tile of scores at `at`.
void scheduleDots(AttentionBytes &k, const LoopLevel &at, int positions, int lanes) {
  const std::vector<Var> heads = {k.member};
  k.dots.compute_at(at).bound_extent(k.inRun, positions);
  inRegisters(k.dots, k.inRun, lanes, heads);
  inRegisters(k.dots.update().reorder(k.inRun, k.member, k.inHead), k.inRun, lanes, heads);

  const LoopLevel unit(k.dots, k.inHead);
  k.unitDots.compute_at(unit).bound_extent(k.inRun, positions);
  inRegisters(k.unitDots, k.inRun, lanes, heads);
  Stage update = k.unitDots.update();
  if (k.byQuads) {
    update.reorder(k.dotDom.x, k.inRun, k.member, k.dotDom.y).unroll(k.dotDom.y);
  } else {
    update.reorder(k.dotDom.x, k.inRun, k.member);
    schedulePairs(k.dotHalves, unit, k.half, k.dotPairs, k.inRun, positions, lanes, heads,
                  {k.dotPairs.x, k.half, k.inRun, k.member, k.dotPairs.y});
  }
  inRegisters(update.atomic().vectorize(k.dotDom.x), k.inRun, lanes, heads);
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
  k.sums.compute_at(at).bound_extent(k.x, dims).bound_extent(k.part, k.parts);
  inRegisters(k.sums, k.x, lanes, {k.u, k.member, k.part});
  Stage update = k.sums.update();
  if (k.byQuads) {
    update.reorder(k.sumDom.x, k.x, k.part, k.u, k.member, k.sumDom.y);
  } else {
    update.reorder(k.sumDom.x, k.x, k.part, k.u, k.member);
    schedulePairs(k.sumHalves, at, k.half, k.sumPairs, k.x, dims, lanes, {k.u, k.member},
                  {k.sumPairs.x, k.half, k.x, k.u, k.member, k.part, k.sumPairs.y});
  }
  inRegisters(update.atomic().vectorize(k.sumDom.x), k.x, lanes, {k.part, k.u, k.member});
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
