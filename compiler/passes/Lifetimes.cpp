//===- Lifetimes.cpp - When a buffer is alive -----------------------------===//

#include "compiler/passes/Lifetimes.h"

#include "llvm/ADT/DenseMap.h"

using namespace mlir;

namespace ingot::plan {

llvm::SmallVector<Lifetime> bufferLifetimes(FuncOp func, Space space) {
  llvm::DenseMap<Operation *, int64_t> clock;
  int64_t now = 0;
  for (Operation &op : func.getBody().front()) {
    if (space != Space::shared || isa<BarrierOp>(op))
      ++now;
    clock[&op] = now;
  }
  llvm::SmallVector<Lifetime> lifetimes;
  for (BufferOp buffer : func.getBody().getOps<BufferOp>()) {
    auto type = cast<BufferType>(buffer.getResult().getType());
    if (type.getSpace() != space || buffer.getResult().use_empty())
      continue;
    Lifetime lifetime{buffer, lifetimes.size(), INT64_MAX, INT64_MIN};
    for (Operation *user : buffer.getResult().getUsers()) {
      lifetime.first = std::min(lifetime.first, clock[user]);
      lifetime.last = std::max(lifetime.last, clock[user]);
    }
    lifetimes.push_back(lifetime);
  }
  return lifetimes;
}

} // namespace ingot::plan
