//===- Lifetimes.h - When a buffer is alive -------------------------------===//
#ifndef INGOT_COMPILER_PASSES_LIFETIMES_H
#define INGOT_COMPILER_PASSES_LIFETIMES_H

#include "dialects/plan/Plan.h"

#include "llvm/ADT/SmallVector.h"

namespace ingot::plan {

/// From the first to the last use, both included. The clock of shared buffers
/// ticks at barriers, because between two of them nothing is ordered; that of
/// a thread's scratch ticks at every operation.
struct Lifetime {
  BufferOp buffer;
  size_t index = 0; ///< among the buffers of its space, in program order
  int64_t first = 0, last = 0;

  int64_t bytes() const {
    return llvm::cast<BufferType>(const_cast<BufferOp &>(buffer).getResult().getType()).getBytes();
  }
  bool overlaps(const Lifetime &other) const { return first <= other.last && other.first <= last; }
};

/// Lifetimes of the buffers of `func` that lie in `space`, in program order.
/// Buffers without a use are left out.
llvm::SmallVector<Lifetime> bufferLifetimes(FuncOp func, Space space);

} // namespace ingot::plan

#endif // INGOT_COMPILER_PASSES_LIFETIMES_H
