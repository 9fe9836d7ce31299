//===- Embedding.h - Rows of the embedding matrix -------------------------===//
//
// embedding_<format>: h[r] = the dequantised row tokens[r], exactly the
// format's values.
//
//   rows, cols   of the matrix (vocabulary, hidden size)
//
// Arguments: begin, end (token rows); tokens i32[M], the matrix's packed image
// as in Product.h; h f32[M][cols]. A token outside [0, rows) is the caller's
// mistake; it is taken for the nearest row, so that nothing outside is read.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_EMBEDDING_H
#define INGOT_CODEGEN_KERNELS_EMBEDDING_H

#include "codegen/kernels/Stages.h"

namespace ingot {

struct Embedding : KernelStages {
  Halide::Var col{"col"}, row{"row"};
  Halide::RDom share;
  Halide::Func h{"h"}; ///< (col, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_EMBEDDING_H
