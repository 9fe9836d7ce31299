//===- PlanPrefetch.cpp - Use the bus while threads wait ------------------===//

#include "compiler/passes/Passes.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace ingot {
#define GEN_PASS_DEF_PLANPREFETCHPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

namespace {
struct PlanPrefetch : ingot::impl::PlanPrefetchPassBase<PlanPrefetch> {
  using PlanPrefetchPassBase::PlanPrefetchPassBase;
  void runOnOperation() override;
};

/// The streamed weight of a launch: that of a product shared out in units.
struct Stream {
  FlatSymbolRefAttr weight;
  SplitAttr split;
};
} // namespace

static std::optional<Stream> streamOf(LaunchOp launch) {
  if (launch.getSplit().getKind() != SplitKind::units)
    return std::nullopt;
  for (Value operand : launch.getIns())
    if (auto address = operand.getDefiningOp<AddressOp>())
      if (isa_and_nonnull<WeightOp>(
              SymbolTable::lookupNearestSymbolFrom(launch, address.getSymbolAttr())))
        return Stream{address.getSymbolAttr(), launch.getSplit()};
  return std::nullopt;
}

void PlanPrefetch::runOnOperation() {
  for (FuncOp func : getOperation().getOps<FuncOp>()) {
    if (func.getMaxRows() != 1) // prefill reads each weight once for many rows
      continue;
    SmallVector<BarrierOp> waiting; // barriers since the last stream
    for (Operation &op : llvm::make_early_inc_range(func.getBody().front())) {
      if (auto barrier = dyn_cast<BarrierOp>(op))
        waiting.push_back(barrier);
      auto launch = dyn_cast<LaunchOp>(op);
      std::optional<Stream> stream = launch ? streamOf(launch) : std::nullopt;
      if (!stream)
        continue;
      if (!waiting.empty()) {
        OpBuilder builder(waiting.front());
        PrefetchOp::create(builder, launch.getLoc(), stream->weight, stream->split,
                           builder.getI64IntegerAttr(bytes));
      }
      waiting.clear();
    }
  }
}
