//===- AttentionCombine.h - Attention from its blocks ---------------------===//
//
// attention_combine: from the partial results of all blocks of a row,
//
//   m = max over blocks of m_b;  c_b = exp(m_b - m)
//   o = sum over b, in order, of c_b * o_b;  l = the same of l_b;  y = o * (1 / l)
//
//   heads, head_dim   of y
//   tile              token rows that `partial` has room for
//   item_heads        query heads in `partial`: all (decoding), or those of one
//                     KV head (prefill); a divisor of heads
//
// Arguments: begin, end (token rows; at most tile), head (y's first head is
// head * item_heads), position (of row 0); partial
// f32[blocks][tile][item_heads][stride] (AttentionPartial.h), whose first row is
// `begin`; y f32[M][heads * head_dim]. Row r has (position + r) / 64 + 1 blocks.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONCOMBINE_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONCOMBINE_H

#include "codegen/kernels/AttentionSpec.h"
#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

/// Blocks whose factors c_b are computed together.
inline constexpr int kCombineLanes = 16;

struct AttentionCombine : KernelStages {
  int headDim = 0, itemHeads = 0;
  Halide::Var lane{"lane"}, run{"run"}, element{"element"}, d{"d"}, member{"member"}, row{"row"};

  Halide::Func laneLargest{"lane_largest"}; ///< (lane, member, row), one update over runs
  Halide::RDom runs;
  LaneReduction largest;           ///< over lane
  Halide::Func factors{"factors"}; ///< (lane, run, member, row)
  Halide::Func sums{"sums"};       ///< (element, member, row), one update over blocks
  Halide::RDom blocks;             ///< {lane, run}
  Halide::Func inverse{"inverse"}; ///< (member, row)

  Halide::RDom share;  ///< {head in the item, row}
  Halide::Func y{"y"}; ///< (d, head, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONCOMBINE_H
