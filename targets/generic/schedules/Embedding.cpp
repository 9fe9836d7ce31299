//===- Embedding.cpp - Rows of the embedding, right everywhere ------------===//
//
// One row of a row block is scattered over it, so that there is nothing to
// vectorise, and a row a token is nothing to win.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Embedding.h"

namespace ingot {

void scheduleEmbeddingGeneric(Embedding &k, const Level &) {
  k.h.update().reorder(k.col, k.share.x);
}

} // namespace ingot
