//===- Rope.h - Rotary positions ------------------------------------------===//
//
// Pairs are neighbours, (2i, 2i + 1): whatever style a checkpoint has, its rows
// are packed in this order. cs holds the cosine of pair i at 2i, its sine at
// 2i + 1, for every token row. A pair (a, b) becomes
//
//   (a * cos - b * sin, b * cos + a * sin)
//
// The fused QKV product has the rows of q, then k, then v. A unit is the
// smallest run of rows that is roped and stored at a time (KvLayout.h).
//
// rope_angles   head_dim. begin, end (token rows), position; inv_freq
//               f32[head_dim/2]; cs f32[M][head_dim]. Row r stands at
//               position + r, and its angle is float(position + r) * inv_freq,
//               rounded once.
// rope_q        heads, kv_heads, head_dim, unit. rows, begin, end (units of q);
//               qkv f32[M][width], cs; q f32[M][heads * head_dim], roped and
//               multiplied by 1 / sqrt(head_dim). width is (heads + 2 kv_heads)
//               * head_dim rounded up to whole row blocks of 16.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ROPE_H
#define INGOT_CODEGEN_KERNELS_ROPE_H

#include "codegen/kernels/Stages.h"

namespace ingot {

struct RopeAngles : KernelStages {
  Halide::Var dim{"dim"}, row{"row"};
  Halide::RDom share;
  Halide::Func cs{"cs"}; ///< (dim, row), update 0 over share
};

/// One unit of rows of the fused QKV product.
struct QkvUnits {
  int heads, kvHeads, headDim, unit;
  Halide::ImageParam qkv{Halide::Float(32), 2, "qkv"}; ///< (row of the matrix, token row)
  Halide::ImageParam cs{Halide::Float(32), 2, "cs"};   ///< (dim, token row)

  explicit QkvUnits(const KernelStages &stages);

  int unitsPerHead() const { return headDim / unit; }
  int firstK() const { return heads * headDim; }
  int firstV() const { return firstK() + kvHeads * headDim; }

  /// Element `index` of unit `u` of the matrix that begins at `first`, as it is
  /// and roped.
  Halide::Expr plain(int first, Halide::Expr index, Halide::Expr u, Halide::Expr row) const;
  Halide::Expr roped(int first, Halide::Expr index, Halide::Expr u, Halide::Expr row) const;
};

struct RopeQ : KernelStages {
  int unit = 0;
  Halide::Var index{"index"}, at{"at"}, row{"row"};
  Halide::RDom share;
  Halide::Func q{"q"}; ///< (index in the unit, unit, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ROPE_H
