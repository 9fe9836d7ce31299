//===- AttentionPartial.cpp - Attention in floats, right everywhere -------===//
//
// A key or a value is converted once for all heads of the tile.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionPartial.h"
#include "targets/generic/schedules/Attention.h"

#include <numeric>

namespace ingot {

void scheduleAttentionPartialGeneric(AttentionPartial &k, const Level &level) {
  using namespace Halide;
  const int lanes = level.vectorBits / 32, ofScores = scoreLanes(level);
  const AttentionTile scores = chooseTile(level, k.group, int(kKvRun) / ofScores, /*registers=*/1);
  const LoopLevel tile = scheduleSoftmax(k, level, scores);
  k.dots.compute_at(tile).bound_extent(k.inRun, scores.others * ofScores); // not on the heap
  inRegisters(k.dots, k.inRun, ofScores, {k.member});
  inRegisters(k.dots.update().reorder(k.inRun, k.member, k.dims.x, k.dims.y), k.inRun, ofScores,
              {k.member});

  // Sums: the same with dims for lanes and positions for the loop.
  Var outer("outer"), inner("inner"), members("members"), one("one");
  const int dimLanes = std::gcd(lanes, k.unit);
  const AttentionTile sums = chooseTile(level, k.group, k.units, k.unit / dimLanes);
  k.output.compute_at({k.partial, k.share.x})
      .bound(k.x, 0, k.unit)
      .bound(k.u, 0, k.units)
      .split(k.u, outer, inner, sums.others)
      .split(k.member, members, one, sums.heads)
      .reorder(k.x, inner, one, outer, members)
      .vectorize(k.x, dimLanes)
      .unroll(k.x)
      .unroll(inner)
      .unroll(one);
  k.sums.compute_at(k.output, outer);
  inRegisters(k.sums, k.x, dimLanes, {k.u, k.member});
  inRegisters(k.sums.update().reorder(k.x, k.u, k.member, k.positions.x), k.x, dimLanes,
              {k.u, k.member});
}

} // namespace ingot
