//===- MatMat.h - Y = X W^T, or Y += X W^T --------------------------------===//
//
// matmat_<activation>_<format>: the same product as matvec, bit for bit, for
// every token row of a prefill chunk. A tile of tokens shares each load of a
// weight.
//
//   rows, cols   of the matrix; quantised formats: cols % 32 == 0
//   add          1: Y += X W^T, 0 (default): Y = X W^T
//   tile         tokens of a tile, 1 to 16; default: the level's
//   most         tokens that come at most, 1 to 16: bounds the tile
//
// Arguments: begin, end (row blocks of 16), rows (token rows, at least 1); the
// activations [token][...] and the weights as in Product.h; y
// f32[token][rows rounded up to 16].
//
// Precondition: the activation buffers hold at least `tile` token rows, of
// which those from `rows` on may hold anything. Y is written in rows below
// `rows` only.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_MATMAT_H
#define INGOT_CODEGEN_KERNELS_MATMAT_H

#include "codegen/kernels/Product.h"

namespace ingot {

struct MatMat : KernelStages, Product {
  using Product::Product;

  int tile = 1; ///< tokens of a tile

  Halide::Func y{"y"};
  /// {token in the tile, tile, row block}. The last tile begins early enough
  /// to be full, and leaves alone the tokens that its predecessor has done.
  Halide::RDom share;
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_MATMAT_H
