//===- AttentionPartial.cpp - Attention over a block, right everywhere ----===//
//
// A row at a time, with all query heads of the group, so that a key or a value
// is converted once for all of them. Scores and sums are accumulated in
// registers: a tile is as many vectors of positions (or dims) times as many
// heads as fit.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionPartial.h"
#include "codegen/kernels/KvLayout.h"

#include <algorithm>
#include <numeric>

namespace ingot {

namespace {

/// A register tile: so many heads times so many of something else.
struct Tile {
  int heads, others;
};

/// The largest tile that divides `group` heads and `others`, each of which takes
/// `registers`. Beside the sums, the registers hold the operands that all heads
/// share and one that is broadcast: one register too many, and most of the sums
/// are spilled. Among equals, the tile with the most heads converts the least.
Tile chooseTile(const Level &level, int group, int others, int registers) {
  Tile best{1, 1};
  for (int h = 1; h <= group; ++h)
    for (int o = 1; o <= others; ++o)
      if (group % h == 0 && others % o == 0 &&
          (h + 1) * o * registers + 1 <= level.vectorRegisters && h * o >= best.heads * best.others)
        best = {h, o};
  return best;
}

} // namespace

void scheduleAttentionPartialGeneric(AttentionPartial &k, const Level &level) {
  using namespace Halide;
  const int lanes = level.vectorBits / 32;
  Var outer("outer"), inner("inner"), members("members"), one("one");
  const LoopLevel row(k.partial, k.share.x);

  k.partial.update()
      .reorder(k.element, k.member, k.share.x)
      .partition(k.share.x, Partition::Never) // one body, whatever the mask
      .vectorize(k.element, std::min(lanes, 16))
      .unroll(k.element);

  // Scores: the tile's accumulators live through the loop over dims.
  const int scoreLanes = std::min(lanes, int(kKvRun));
  const Tile scores = chooseTile(level, k.group, int(kKvRun) / scoreLanes, /*registers=*/1);
  RVar part("part"), inPart("in_part");
  k.scores.compute_at(row).bound(k.p, 0, int(kKvBlock));
  k.scores.update()
      .allow_race_conditions() // every lane has a place of its own
      .split(k.runs.x, part, inPart, scores.others * scoreLanes)
      .split(k.member, members, one, scores.heads)
      .reorder(inPart, one, part, k.runs.y, members)
      .vectorize(inPart, scoreLanes)
      .unroll(inPart)
      .unroll(one);
  const auto accumulate = [&](Func &dots, const LoopLevel &at, const std::vector<RVar> &loops) {
    dots.compute_at(at)
        .bound_extent(k.p, scores.others * scoreLanes) // on the stack, not on the heap
        .vectorize(k.p, scoreLanes)
        .unroll(k.p)
        .unroll(k.member);
    std::vector<VarOrRVar> order = {k.p, k.member};
    order.insert(order.end(), loops.begin(), loops.end());
    dots.update().reorder(order).vectorize(k.p, scoreLanes).unroll(k.p).unroll(k.member);
  };
  if (k.scaled) {
    accumulate(k.dots, {k.scores, part}, {k.dims.x});
    accumulate(k.unitDots, {k.dots, k.dims.x}, {k.inUnit.x});
  } else {
    accumulate(k.dots, {k.scores, part}, {k.dims.x, k.dims.y});
  }

  k.largest.computeAt(row, lanes);
  k.weights.compute_at(row).bound(k.p, 0, int(kKvBlock)).vectorize(k.p, lanes);
  k.total.computeAt(row, lanes);
  if (k.scaled)
    k.scaledWeights.compute_at(row)
        .bound(k.p, 0, int(kKvBlock))
        .vectorize(k.p, std::min(lanes, 16));

  // Sums: the same with dims for lanes and positions for the loop.
  const int dimLanes = std::gcd(lanes, k.unit);
  const Tile sums = chooseTile(level, k.group, k.units, k.unit / dimLanes);
  k.output.compute_at(row)
      .bound(k.x, 0, k.unit)
      .bound(k.u, 0, k.units)
      .split(k.u, outer, inner, sums.others)
      .split(k.member, members, one, sums.heads)
      .reorder(k.x, inner, one, outer, members)
      .vectorize(k.x, dimLanes)
      .unroll(k.x)
      .unroll(inner)
      .unroll(one);
  k.sums.compute_at(k.output, outer)
      .vectorize(k.x, dimLanes)
      .unroll(k.x)
      .unroll(k.u)
      .unroll(k.member);
  k.sums.update()
      .reorder(k.x, k.u, k.member, k.positions.x)
      .vectorize(k.x, dimLanes)
      .unroll(k.x)
      .unroll(k.u)
      .unroll(k.member);
}

} // namespace ingot
