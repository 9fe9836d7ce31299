//===- MatMat.cpp - Matrix-matrix on HVX ----------------------------------===//

#include "codegen/kernels/MatMat.h"
#include "targets/hexagon/schedules/Product.h"

namespace ingot {

void scheduleMatMatHexagon(MatMat &k, const Level &) {
  k.y.update().reorder(k.lane, k.share.x, k.share.z, k.share.y);
  prefetchWeights(k, k.y.update(), k.share.z);
  if (k.quantized)
    scheduleByteProduct(k, {k.y, k.share.z}, {k.y, k.share.y}, k.tile);
  else
    scheduleFloatProduct(k, {k.y, k.share.z}, k.tile);
  if (k.wholeRow)
    scheduleRows(k, k.y);
}

} // namespace ingot
