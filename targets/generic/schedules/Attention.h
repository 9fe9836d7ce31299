//===- Attention.h - What both kinds of attention are scheduled by --------===//
//
// A row at a time, with all query heads of the group, so that a key or a value
// is read once for all of them. Scores and sums are accumulated in registers: a
// tile is as many vectors of positions (or dims) times as many heads as fit.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTION_H
#define INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTION_H

#include "codegen/kernels/AttentionBlock.h"

#include <algorithm>
#include <vector>

namespace ingot {

/// A register tile: so many heads times so many vectors of something else.
struct AttentionTile {
  int heads, others;
};

/// The largest tile that divides `group` heads and `others` vectors and that
/// `fits`. Among equals, the one with the most heads reads the least.
template <typename Fits> AttentionTile largestTile(int group, int others, const Fits &fits) {
  AttentionTile best{1, 1};
  for (int h = 1; h <= group; ++h)
    for (int o = 1; o <= others; ++o)
      if (group % h == 0 && others % o == 0 && h * o >= best.heads * best.others && fits(h, o))
        best = {h, o};
  return best;
}

/// A tile whose every place takes `registers`. Beside the sums, the registers
/// hold the operands that all heads share and one that is broadcast: one
/// register too many, and most of the sums are spilled.
inline AttentionTile chooseTile(const Level &level, int group, int others, int registers) {
  return largestTile(group, others, [&](int h, int o) {
    return (h + 1) * o * registers + 1 <= level.vectorRegisters;
  });
}

/// Positions of a vector of scores.
inline int scoreLanes(const Level &level) { return std::min(level.vectorBits / 32, int(kKvRun)); }

/// `lane` in vectors, and all of it and of `others` written out: sums in registers.
inline Halide::Stage inRegisters(Halide::Stage stage, const Halide::Var &lane, int lanes,
                                 const std::vector<Halide::Var> &others) {
  stage.vectorize(lane, lanes).unroll(lane);
  for (const Halide::Var &other : others)
    stage.unroll(other);
  return stage;
}

/// Everything but the two products, at the row. Returns where a tile of scores
/// is computed.
inline Halide::LoopLevel scheduleSoftmax(AttentionBlock &k, const Level &level,
                                         AttentionTile scores) {
  using namespace Halide;
  const int lanes = level.vectorBits / 32;
  const LoopLevel row(k.partial, k.share.x);
  k.partial.update()
      .reorder(k.element, k.member, k.share.x)
      .partition(k.share.x, Partition::Never) // one body, whatever the mask
      .vectorize(k.element, std::min(lanes, 16))
      .unroll(k.element);

  // The tile's accumulators live through the loop over dims.
  Var members("members"), one("one");
  RVar part("part"), inPart("in_part");
  k.scores.compute_at(row).bound(k.p, 0, int(kKvBlock));
  k.scores.update()
      .allow_race_conditions() // every lane has a place of its own
      .split(k.runs.x, part, inPart, scores.others * scoreLanes(level))
      .split(k.member, members, one, scores.heads)
      .reorder(inPart, one, part, k.runs.y, members)
      .vectorize(inPart, scoreLanes(level))
      .unroll(inPart)
      .unroll(one);

  k.largest.computeAt(row, lanes);
  k.weights.compute_at(row).bound(k.p, 0, int(kKvBlock)).vectorize(k.p, lanes);
  k.total.computeAt(row, lanes);
  if (k.group * int(kKvBlock) <= level.vectorRegisters * lanes) { // side by side in registers
    k.largest.unroll(k.member, k.group);
    k.total.unroll(k.member, k.group);
  }
  return {k.scores, part};
}

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_SCHEDULES_ATTENTION_H
