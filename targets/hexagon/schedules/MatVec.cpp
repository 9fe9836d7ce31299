//===- MatVec.cpp - Matrix-vector on HVX ----------------------------------===//

#include "codegen/kernels/MatVec.h"
#include "targets/hexagon/schedules/Product.h"

namespace ingot {

void scheduleMatVecHexagon(MatVec &k, const Level &) {
  k.y.update().reorder(k.lane, k.share);
  prefetchWeights(k, k.y.update(), k.share);
  if (k.quantized)
    scheduleByteProduct(k, {k.y, k.share}, Halide::LoopLevel::root(), /*tokens=*/1);
  else
    scheduleFloatProduct(k, {k.y, k.share}, /*tokens=*/1);
}

} // namespace ingot
