//===- MatVec.cpp - Matrix-vector, right everywhere -----------------------===//
//
// A row block at a time, a group at a time; the 16 rows are the vector.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatVec.h"
#include "targets/generic/schedules/Product.h"

namespace ingot {

void scheduleMatVecGeneric(MatVec &k, const Level &level) {
  k.y.update().reorder(k.lane, k.share).vectorize(k.lane);
  scheduleProduct(k, {k.y, k.share}, /*tokens=*/1);
}

} // namespace ingot
