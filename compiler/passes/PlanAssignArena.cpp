//===- PlanAssignArena.cpp - Addresses for all buffers --------------------===//

#include "compiler/passes/Lifetimes.h"
#include "compiler/passes/Passes.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

namespace ingot {
#define GEN_PASS_DEF_PLANASSIGNARENAPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

namespace {
struct PlanAssignArena : ingot::impl::PlanAssignArenaPassBase<PlanAssignArena> {
  void runOnOperation() override;

private:
  int64_t packSpace(FuncOp func, Space space, int64_t base);
};

/// A cache line and the widest vector that a kernel may load aligned.
constexpr int64_t kAlignment = 64;
} // namespace

/// Callees work above the buffers of their callers, whose values stay alive
/// across the call.
void PlanAssignArena::runOnOperation() {
  ModelOp model = getOperation();
  Builder builder(&getContext());
  for (FuncOp entry : model.getOps<FuncOp>()) {
    if (!entry.getEntry())
      continue;
    int64_t arenaBase = packSpace(entry, Space::shared, 0);
    int64_t scratchBase = packSpace(entry, Space::scratch, 0);
    int64_t arena = arenaBase, scratch = scratchBase;
    llvm::SmallPtrSet<Operation *, 16> seen;
    for (CallOp call : entry.getBody().getOps<CallOp>()) {
      auto callee = model.lookupSymbol<FuncOp>(call.getCalleeAttr());
      if (!seen.insert(callee).second)
        continue;
      arena = std::max(arena, packSpace(callee, Space::shared, arenaBase));
      scratch = std::max(scratch, packSpace(callee, Space::scratch, scratchBase));
    }
    entry.setArenaBytesAttr(builder.getI64IntegerAttr(arena));
    entry.setScratchBytesAttr(builder.getI64IntegerAttr(scratch));
  }
}

/// Places the buffers of one space, the largest first, each at the lowest
/// address where nothing that lives with it lies. Returns the end.
int64_t PlanAssignArena::packSpace(FuncOp func, Space space, int64_t base) {
  SmallVector<Lifetime> lifetimes = bufferLifetimes(func, space);
  llvm::sort(lifetimes, [](const Lifetime &a, const Lifetime &b) {
    return std::pair(-a.bytes(), a.index) < std::pair(-b.bytes(), b.index);
  });
  struct Placed {
    Lifetime lifetime;
    int64_t begin, end;
  };
  SmallVector<Placed> placed;
  int64_t top = base;
  Builder builder(&getContext());
  for (const Lifetime &lifetime : lifetimes) {
    int64_t bytes = llvm::alignTo(lifetime.bytes(), kAlignment);
    int64_t offset = base;
    for (const Placed &other : placed) // sorted by begin
      if (other.lifetime.overlaps(lifetime) && other.begin < offset + bytes && offset < other.end)
        offset = other.end;
    auto at = llvm::upper_bound(placed, offset,
                                [](int64_t value, const Placed &p) { return value < p.begin; });
    placed.insert(at, {lifetime, offset, offset + bytes});
    BufferOp(lifetime.buffer).setOffsetAttr(builder.getI64IntegerAttr(offset));
    top = std::max(top, offset + bytes);
  }
  return top;
}
