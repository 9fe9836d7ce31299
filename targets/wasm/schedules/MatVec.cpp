//===- MatVec.cpp - Matrix-vector for WebAssembly -------------------------===//
//
// The machine: an engine that compiles the module for 16 registers of 128 bits
// (x86-64; 32 on arm64). It reorders nothing across what is written out: with
// the 4 or 8 vectors of a group unrolled, V8 made 665 instructions of a group
// of q4_1, half of them spills. As a loop it makes 438, and 416 since the
// activations' words are made once for all row blocks and come as one broadcast
// load each. The same kernel compiled for SSE4.1 takes 416.
//
// Tuned for 576 to 1,536 columns; NOTES.md has the counts and how to repeat them.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/MatVec.h"
#include "targets/generic/schedules/Product.h"

namespace ingot {

void scheduleMatVecWasm(MatVec &k, const Level &) {
  k.y.update().reorder(k.lane, k.share).vectorize(k.lane);
  scheduleProduct(k, {k.y, k.share}, /*tokens=*/1, VectorsOfGroup::Loop);
  if (k.hasWords())
    scheduleWords(k, Halide::LoopLevel::root(), /*tokens=*/1);
}

} // namespace ingot
