//===- PlanPlaceBarriers.cpp - Barriers where data crosses threads --------===//

#include "compiler/passes/Conflicts.h"
#include "compiler/passes/Passes.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_PLANPLACEBARRIERSPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

namespace {
struct PlanPlaceBarriers : ingot::impl::PlanPlaceBarriersPassBase<PlanPlaceBarriers> {
  void runOnOperation() override;

private:
  void placeIn(FuncOp func);
  void placeBefore(Operation *op);
  void passBarrier();

  /// What was touched since the last barrier.
  SmallVector<Touch> pending;
  /// A callee may have touched anything since then.
  bool afterCall = false;
  /// Threads took the parts of an op since then.
  bool taken = false;
};
} // namespace

void PlanPlaceBarriers::runOnOperation() {
  for (FuncOp func : getOperation().getOps<FuncOp>())
    placeIn(func);
}

void PlanPlaceBarriers::passBarrier() {
  pending.clear();
  afterCall = false;
  taken = false;
}

void PlanPlaceBarriers::placeBefore(Operation *op) {
  OpBuilder builder(op);
  BarrierOp::create(builder, op->getLoc());
  ++placed;
  passBarrier();
}

void PlanPlaceBarriers::placeIn(FuncOp func) {
  passBarrier();
  for (Operation &op : func.getBody().front()) {
    if (isa<BarrierOp>(op)) { // placed by hand
      passBarrier();
    } else if (isa<CallOp>(op)) {
      // A callee starts with everything visible to everyone.
      if (afterCall || !pending.empty())
        placeBefore(&op);
      afterCall = true;
    } else if (isa<LaunchOp, AttendOp, CopyOp>(op)) {
      SmallVector<Touch> touches = sharedTouches(&op);
      bool conflicts = afterCall || (taken && isTaken(&op));
      for (const Touch &earlier : pending)
        for (const Touch &later : touches)
          conflicts |= earlier.memory == later.memory && conflict(earlier, later);
      if (conflicts)
        placeBefore(&op);
      pending.append(touches);
      taken |= isTaken(&op);
    }
  }
}
