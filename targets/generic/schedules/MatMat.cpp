//===- MatMat.cpp - Matrix-matrix, right everywhere -----------------------===//
//
// A row block stays in the first cache while all tokens pass by, `tile` of
// them at a time.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatMat.h"
#include "targets/generic/schedules/Product.h"

namespace ingot {

void scheduleMatMatGeneric(MatMat &k, const Level &level) {
  k.y.update().reorder(k.lane, k.share.x, k.share.y, k.share.z).vectorize(k.lane).unroll(k.share.x);
  scheduleProduct(k, {k.y, k.share.y}, k.tile);
}

} // namespace ingot
