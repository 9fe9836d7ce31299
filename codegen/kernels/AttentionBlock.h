//===- AttentionBlock.h - Softmax over one block of the cache -------------===//
//
// What attention over a block of 64 positions is, whatever the cache holds. For
// every token row and every query head of one KV head's group:
//
//   score[p] = q . key[p]                                   positions <= the row's
//   m = max score;  w[p] = exp(score[p] - m)
//   l = sum of w (64 lanes, halved);  o[d] = sum over p of w[p] * value[p][d]
//
// not yet divided by l. How the two products are taken is the families' own:
// AttentionPartial in floats, AttentionBytes in integers.
//
// Positions after the row's own contribute nothing, whatever their memory
// holds: their scores are replaced, their weights are 0, and the sum over p ends
// before them. Nor is that memory read, but for the rest of a run of keys (and
// of a quad of values): scores are computed a run of 16 positions at a time, so
// that the cache is one stream, read from front to back. Rows that stand before
// the block are left out altogether.
//
//   heads, kv_heads, head_dim   heads is a multiple of kv_heads
//
// Arguments: begin, end (token rows), head (KV head), block, position (of row
// 0); what rope_q or rope_q_q8 made of the queries; the views of the slot, in the
// order kv_keys, kv_key_scales (q8), kv_values, kv_value_scales (q8);
// partial f32[end - begin][group][stride]: o, then m and l (partialM, partialL),
// stride = partialStride(head_dim). Row `begin` is the first of `partial`.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONBLOCK_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONBLOCK_H

#include "codegen/kernels/KvStoreSpec.h"
#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

struct AttentionBlock : KernelStages {
  explicit AttentionBlock(const KernelSpec &spec);

  int headDim, group;
  KvLayout layout;
  int unit, units; ///< dims that are stored together, and how many such units a head has
  /// x: dim in the unit u; member: head in the group.
  Halide::Var p{"p"}, x{"x"}, u{"u"}, member{"member"}, row{"row"};
  /// Position in the run, run.
  Halide::Var inRun{"in_run"}, run{"run"};

  /// (p, member, row): the dots, collected by one update over `runs`, {position
  /// in the run, run}, up to the row's own position. What is behind is undefined.
  Halide::Func scores{"scores"};
  Halide::RDom runs;
  LaneReduction largest;           ///< m, over p
  Halide::Func weights{"weights"}; ///< (p, member, row)
  LaneReduction total;             ///< l, over p

  Halide::Func output{"output"}; ///< (x, u, member, row): o

  Halide::Var element{"element"};
  Halide::RDom share;              ///< the rows
  Halide::Func partial{"partial"}; ///< (element, member, row), update 0 over share

protected:
  Halide::Param<int32_t> begin{"begin"}, end{"end"}, head{"head"}, block{"block"},
      position{"position"};
  Halide::ImageParam q; ///< (dim in the unit, unit, head, token row)
  Halide::ImageParam keys, values;

  /// The last position of the block that a row may see: negative for none.
  Halide::Expr last(Halide::Expr row) const { return position + row - block * int(kKvBlock); }
  /// Defines scores to total from the `dots` (position in the run, run, member, row).
  void defineSoftmax(const Halide::Func &dots);
  /// Defines the result from `output`, and the outputs.
  void definePartial();
};

/// A view of the slot as a parameter.
Halide::ImageParam viewParam(const KvView &view);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONBLOCK_H
