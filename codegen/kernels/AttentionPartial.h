//===- AttentionPartial.h - Attention over one block of the cache ---------===//
//
// attention_partial_<f16|f32|q8>: for every token row and every query head of
// one KV head's group, softmax over one block of 64 positions, not yet divided:
//
//   score[p] = sum over d, in order, of q[d] * key[p][d]     positions <= the row's
//   m = max score;  w[p] = exp(score[p] - m)
//   l = sum of w (64 lanes, halved);  o[d] = sum over p, in order, of w[p] * value[p][d]
//
// q8: the scales are kept out of the inner loops. A unit's dot with the bytes of
// a key is multiplied by their scale before it is added to the score; a weight
// is multiplied by a value's scale once, for all bytes that share it.
//
// Positions after the row's own contribute nothing, whatever their memory
// holds: their scores are replaced, their weights are 0, and the sum over p ends
// before them. Nor is that memory read, but for the rest of a run of keys: scores
// are computed a run of 16 positions at a time, so that the cache is one stream,
// read from front to back. Rows that stand before the block are left out
// altogether.
//
//   heads, kv_heads, head_dim   heads is a multiple of kv_heads
//
// Arguments: begin, end (token rows), head (KV head), block, position (of row
// 0); q f32[M][heads * head_dim] (rope_q's); the views of the slot, in the order
// kv_keys, kv_key_scales (q8), kv_values, kv_value_scales (q8);
// partial f32[end - begin][group][stride]: o, then m and l (partialM, partialL),
// stride = partialStride(head_dim). Row `begin` is the first of `partial`.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H

#include "codegen/kernels/AttentionSpec.h"
#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

struct AttentionPartial : KernelStages {
  int headDim = 0, group = 0;
  bool scaled = false;
  int unit = 0, units = 0; ///< dims that share a scale, and how many of those there are
  /// x: dim in the unit u; member: head in the group.
  Halide::Var p{"p"}, x{"x"}, u{"u"}, member{"member"}, row{"row"};

  Halide::Func unitDots{"unit_dots"}; ///< scaled only. (p, u, member, row), one update over inUnit
  Halide::RDom inUnit;
  Halide::Func dots{"dots"}; ///< (p, member, row), one update over dims
  Halide::RDom dims;         ///< scaled: {unit}; else {dim in the unit, unit}
  /// (p, member, row): dots, collected by one update over `runs`, {position in
  /// the run, run}, up to the row's own position. What is behind is undefined.
  Halide::Func scores{"scores"};
  Halide::RDom runs;
  LaneReduction largest;                        ///< m, over p
  Halide::Func weights{"weights"};              ///< (p, member, row)
  LaneReduction total;                          ///< l, over p
  Halide::Func scaledWeights{"scaled_weights"}; ///< scaled only. (p, u, member, row)
  Halide::Func sums{"sums"};                    ///< (x, u, member, row), one update over positions
  Halide::RDom positions;
  Halide::Func output{"output"}; ///< (x, u, member, row): sums, collected

  Halide::Var element{"element"};
  Halide::RDom share;              ///< the rows
  Halide::Func partial{"partial"}; ///< (element, member, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONPARTIAL_H
