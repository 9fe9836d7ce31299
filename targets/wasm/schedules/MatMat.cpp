//===- MatMat.cpp - Matrix-matrix for WebAssembly -------------------------===//
//
// As MatVec.cpp. The tiles of tokens are the outer loop and the row blocks the
// inner one, so that the activations' words are made once a tile; a thread's
// share of a matrix stays in the second cache meanwhile.
//
// Lost, in V8's instructions a token and group of q4_1 (tile of 4: 383): tile
// of 2: 436; of 8: 355, but a short prompt computes up to 7 tokens in vain.
// Four rows at a time, so that the sums of 8 tokens stay in registers: more
// broadcasts than spills saved.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatMat.h"
#include "targets/generic/schedules/Product.h"

namespace ingot {

void scheduleMatMatWasm(MatMat &k, const Level &) {
  k.y.update().reorder(k.lane, k.share.x, k.share.z, k.share.y).vectorize(k.lane).unroll(k.share.x);
  scheduleProduct(k, {k.y, k.share.z}, k.tile, VectorsOfGroup::Loop);
  if (k.hasWords())
    scheduleWords(k, {k.y, k.share.y}, k.tile);
}

} // namespace ingot
