//===- MatVec.h - y = W x, or y += W x ------------------------------------===//
//
// matvec_<activation>_<format>: the matrix-vector product of decoding.
//
//   rows, cols   of the matrix; quantised formats: cols % 32 == 0
//   add          1: y += W x, 0 (default): y = W x
//
// Arguments: begin, end (row blocks of 16); the activations and the weights as
// in Product.h; y f32[rows rounded up to 16].
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_MATVEC_H
#define INGOT_CODEGEN_KERNELS_MATVEC_H

#include "codegen/kernels/Product.h"

namespace ingot {

struct MatVec : KernelStages, Product {
  using Product::Product;

  Halide::Func y{"y"};
  Halide::RDom share; ///< the row blocks [begin, end)
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_MATVEC_H
