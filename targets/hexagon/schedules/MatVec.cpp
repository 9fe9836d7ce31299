//===- MatVec.cpp - Matrix-vector on HVX ----------------------------------===//
//
// A packet loads one vector. With one scale a row, four row blocks at a time
// share the loads of the repeated activations, of which a row block by itself
// needs as many as of weights: 20 packets for 16 vrmpy instead of 32. With
// scales a group, the scalars that follow a group are what counts.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatVec.h"
#include "targets/hexagon/schedules/Product.h"

namespace ingot {

static constexpr int kBlocks = 4;

void scheduleMatVecHexagon(MatVec &k, const Level &) {
  if (!k.wholeRow) {
    k.y.update().reorder(k.lane, k.share);
    prefetchWeights(k, k.y.update(), k.share);
    if (k.quantized)
      scheduleByteProduct(k, {k.y, k.share}, Halide::LoopLevel::root(), /*tokens=*/1);
    else
      scheduleFloatProduct(k, {k.y, k.share}, /*tokens=*/1);
    return;
  }
  // The last row blocks of a share may be fewer: the products are made of four nevertheless (the
  // weights' row blocks end at the matrix's last, see Product::stored), and only those of the share
  // are written. A loop of its own for them would be the same code again.
  Halide::RVar blocks("blocks"), inner("inner");
  k.y.update()
      .split(k.share, blocks, inner, kBlocks)
      .reorder(k.lane, inner, blocks)
      .partition(blocks, Halide::Partition::Never);
  prefetchWeights(k, k.y.update(), blocks);
  scheduleByteProduct(k, {k.y, blocks}, Halide::LoopLevel::root(), /*tokens=*/1, kBlocks);
  scheduleRows(k, k.y);
}

} // namespace ingot
