//===- PlanVerify.cpp - Proof that barriers and addresses are right -------===//
//
// Written apart from the passes that it checks: it looks at pairs of accesses
// to bytes, not at values, so that a mistake in a lifetime shows as well as a
// missing barrier.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Conflicts.h"
#include "compiler/passes/Passes.h"

namespace ingot {
#define GEN_PASS_DEF_PLANVERIFYPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

namespace {
struct PlanVerify : ingot::impl::PlanVerifyPassBase<PlanVerify> {
  void runOnOperation() override;

private:
  LogicalResult checkBarriers(FuncOp func);
  LogicalResult checkBounds(FuncOp entry, FuncOp func, int64_t arenaBase, int64_t scratchBase);
  int64_t end(FuncOp func, Space space);
};
} // namespace

/// The bytes of the arena that `memory` covers; empty when it has no address
/// yet, or is not in the arena.
static std::pair<int64_t, int64_t> arenaBytes(Value memory) {
  auto buffer = memory.getDefiningOp<BufferOp>();
  if (!buffer || !buffer.getOffset())
    return {0, 0};
  auto type = cast<BufferType>(memory.getType());
  if (type.getSpace() != Space::shared)
    return {0, 0};
  int64_t begin = *buffer.getOffset();
  return {begin, begin + type.getBytes()};
}

/// Do the two touch common bytes, and may not without a barrier?
static bool clash(const Touch &earlier, const Touch &later) {
  if (earlier.memory == later.memory)
    return conflict(earlier, later);
  auto [begin, end] = arenaBytes(earlier.memory);
  auto [otherBegin, otherEnd] = arenaBytes(later.memory);
  return begin < otherEnd && otherBegin < end && (earlier.writes || later.writes);
}

LogicalResult PlanVerify::checkBarriers(FuncOp func) {
  SmallVector<Touch> before, since; // touched before and after the last barrier
  BarrierOp barrier;
  bool calledBefore = false, calledSince = false, needed = true;
  bool takenBefore = false, takenSince = false;
  auto finish = [&]() -> LogicalResult {
    if (barrier && !needed)
      return barrier.emitError("no data crosses threads at this barrier");
    return success();
  };
  for (Operation &op : func.getBody().front()) {
    if (auto next = dyn_cast<BarrierOp>(op)) {
      if (failed(finish()))
        return failure();
      before = std::move(since);
      since.clear();
      calledBefore = calledSince;
      calledSince = false;
      takenBefore = std::exchange(takenSince, false);
      barrier = next;
      needed = false;
    } else if (isa<CallOp>(op)) {
      if (calledSince || !since.empty())
        return op.emitError("a callee expects all data to be visible, but no barrier stands "
                            "between it and the work before it");
      needed |= calledBefore || !before.empty();
      calledSince = true;
    } else if (isa<LaunchOp, AttendOp, CopyOp>(op)) {
      if (calledSince)
        return op.emitError("needs a barrier between it and the call before it");
      if (takenSince && isTaken(&op))
        return op.emitError("needs a barrier: what threads took is counted from one to the next");
      needed |= calledBefore || (takenBefore && isTaken(&op));
      takenSince |= isTaken(&op);
      for (const Touch &touch : sharedTouches(&op)) {
        for (const Touch &earlier : since)
          if (earlier.work != &op && clash(earlier, touch)) {
            InFlightDiagnostic diagnostic =
                op.emitError("needs a barrier: other threads touch the same bytes");
            diagnostic.attachNote(earlier.work->getLoc()) << "here";
            return diagnostic;
          }
        for (const Touch &earlier : before)
          needed |= clash(earlier, touch);
        since.push_back(touch);
      }
    }
  }
  return finish();
}

int64_t PlanVerify::end(FuncOp func, Space space) {
  int64_t top = 0;
  for (BufferOp buffer : func.getBody().getOps<BufferOp>()) {
    auto type = cast<BufferType>(buffer.getResult().getType());
    if (type.getSpace() == space && buffer.getOffset())
      top = std::max<int64_t>(top, *buffer.getOffset() + type.getBytes());
  }
  return top;
}

/// Every used buffer of `func` lies between the caller's buffers and the end
/// of the entry's memory.
LogicalResult PlanVerify::checkBounds(FuncOp entry, FuncOp func, int64_t arenaBase,
                                      int64_t scratchBase) {
  for (BufferOp buffer : func.getBody().getOps<BufferOp>()) {
    auto type = cast<BufferType>(buffer.getResult().getType());
    bool shared = type.getSpace() == Space::shared;
    if (buffer.getResult().use_empty() || (!shared && type.getSpace() != Space::scratch))
      continue;
    if (!buffer.getOffset())
      return buffer.emitError("has no address");
    int64_t begin = *buffer.getOffset();
    int64_t limit = shared ? *entry.getArenaBytes() : *entry.getScratchBytes();
    int64_t base = shared ? arenaBase : scratchBase;
    if (begin < base || begin + type.getBytes() > limit)
      return buffer.emitError("lies at [") << begin << ", " << begin + type.getBytes()
                                           << "), outside of [" << base << ", " << limit << ")";
  }
  return success();
}

void PlanVerify::runOnOperation() {
  ModelOp model = getOperation();
  for (FuncOp func : model.getOps<FuncOp>())
    if (failed(checkBarriers(func)))
      return signalPassFailure();
  for (FuncOp entry : model.getOps<FuncOp>()) {
    if (!entry.getEntry() || !entry.getArenaBytes() || !entry.getScratchBytes())
      continue; // addresses are not assigned yet
    if (failed(checkBounds(entry, entry, 0, 0)))
      return signalPassFailure();
    int64_t arenaBase = end(entry, Space::shared), scratchBase = end(entry, Space::scratch);
    for (CallOp call : entry.getBody().getOps<CallOp>())
      if (failed(checkBounds(entry, model.lookupSymbol<FuncOp>(call.getCalleeAttr()), arenaBase,
                             scratchBase)))
        return signalPassFailure();
  }
}
