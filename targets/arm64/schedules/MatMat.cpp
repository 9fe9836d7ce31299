//===- MatMat.cpp - Matrix-matrix on 128-bit vectors ----------------------===//
//
// Bytes: four rows at a time, so that a register of weights serves as many
// tokens as possible. A token of four rows takes an accumulator of floats and
// one of integers (two, and 16-bit sums, without dot products); 8 tokens (4)
// take 16 (20) of 32 registers, the rest holds weights and activations. A row
// block is walked four times, from the first cache: 16 rows x 1536 columns are
// 15 KB of nibbles, 26 KB of bytes.
//
// From the assembly of 1536 x 576, q4_1: 159 instructions for 64 dot products
// (dotprod), 195 for 64 multiply-adds of 8 bytes (v8); no stack in the loop.
// NOTES.md has the cycles that llvm-mca predicts.
//
// Lost: 8 rows x 4 tokens (as many dot products, twice the unpacking), 8 x 6,
// 4 x 10 and 4 x 12 (10 to 39 spills in the loop); v8: 8 x 3 (4 spills), 4 x 6
// (5 % faster, but 128 tokens leave a rest of 2).
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatMat.h"
#include "targets/arm64/schedules/Product.h"

namespace ingot {

void scheduleMatMatArm64(MatMat &k, const Level &level) {
  // Floats take the generic form: 4 tokens x 16 rows are 16 sums in registers,
  // and the accumulators of the groups are touched once in 32 columns.
  const bool quads = level.dot == DotForm::SignedQuads32;
  if (!k.quantized || (k.wholeRow && !quads)) {
    k.y.update()
        .reorder(k.lane, k.share.x, k.share.y, k.share.z)
        .vectorize(k.lane)
        .unroll(k.share.x);
    scheduleProduct(k, {k.y, k.share.y}, k.tile);
    return;
  }
  const int tileRows = k.wholeRow ? 8 : 4;
  Halide::Var rows("rows"), row("row");
  k.y.update()
      .split(k.lane, rows, row, tileRows)
      .reorder(row, k.share.x, rows, k.share.y, k.share.z)
      .vectorize(row)
      .unroll(k.share.x);
  if (k.wholeRow)
    scheduleWholeRowByQuads(k, {k.y, rows}, k.tile, tileRows);
  else
    scheduleByteProduct(k, {k.y, rows}, k.tile, tileRows);
}

} // namespace ingot
