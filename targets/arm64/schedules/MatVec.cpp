//===- MatVec.cpp - Matrix-vector on 128-bit vectors ----------------------===//
//
// All 16 rows at a time: the weights are one stream, and the 4 x 8 registers
// that a group needs at most leave room to load ahead.
//
// From the assembly of 1536 x 576, q4_1: 121 instructions for 320 bytes
// (dotprod), 207 (v8); no stack in the loop. llvm-mca predicts 60 cycles on
// Neoverse N1 (Cortex-A76) and 139 on Cortex-A55 for the former: 5.3 and 2.3
// bytes a cycle, at 2.4 and 1.8 GHz 12.7 and 4.1 GB/s a core, which is what
// such cores read from memory.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatVec.h"
#include "targets/arm64/schedules/Product.h"

namespace ingot {

void scheduleMatVecArm64(MatVec &k, const Level &level) {
  k.y.update().reorder(k.lane, k.share).vectorize(k.lane);
  if (k.wholeRow && level.dot == DotForm::SignedQuads32)
    scheduleWholeRowByQuads(k, {k.y, k.share}, /*tokens=*/1, int(kRowBlock));
  else if (k.quantized && !k.hasShorts() && !k.wholeRow)
    scheduleByteProduct(k, {k.y, k.share}, /*tokens=*/1, int(kRowBlock));
  else
    scheduleProduct(k, {k.y, k.share}, /*tokens=*/1);
}

} // namespace ingot
