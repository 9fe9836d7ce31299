//===- Conflicts.cpp - Do two launches need a barrier? --------------------===//

#include "compiler/passes/Conflicts.h"

using namespace mlir;

namespace ingot::plan {

/// Two plan.slot ops of the same part name the same memory.
static Value canonicalSlot(SlotOp slot) {
  for (SlotOp other : slot->getBlock()->getOps<SlotOp>())
    if (other.getPart() == slot.getPart())
      return other.getResult();
  return slot.getResult();
}

/// The name of the memory behind `operand`, or null if no other thread sees it.
static Value sharedMemory(Value operand) {
  if (auto buffer = dyn_cast<BufferType>(operand.getType()))
    return buffer.getSpace() == Space::shared || buffer.getSpace() == Space::logits ? operand
                                                                                    : Value();
  auto slot = operand.getDefiningOp<SlotOp>();
  return slot ? canonicalSlot(slot) : Value();
}

llvm::SmallVector<Touch> sharedTouches(Operation *op) {
  llvm::SmallVector<Touch> touches;
  auto add = [&](Value operand, SplitAttr split, Access access, bool writes) {
    if (Value memory = sharedMemory(operand))
      touches.push_back({memory, op, split, access, writes});
  };
  if (auto launch = dyn_cast<LaunchOp>(op)) {
    for (auto [index, operand] : llvm::enumerate(launch.getOperands()))
      add(operand, launch.getSplit(), launch.getAccessOf(index), launch.isOutput(index));
  } else if (auto attend = dyn_cast<AttendOp>(op)) {
    SplitAttr split = SplitAttr::items(op->getContext(), attend.getKvHeads());
    for (Value query : attend.getQueries())
      add(query, split, Access::all, /*writes=*/false);
    for (Value slot : {attend.getKeys(), attend.getValues()})
      add(slot, split, Access::all, /*writes=*/false);
    add(attend.getOutput(), split, Access::own, /*writes=*/true);
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    add(copy.getFrom(), copy.getSplit(), Access::own, /*writes=*/false);
    add(copy.getTo(), copy.getSplit(), Access::own, /*writes=*/true);
  }
  return touches;
}

bool isTaken(Operation *op) {
  auto launch = dyn_cast<LaunchOp>(op);
  return isa<AttendOp>(op) || (launch && launch.getSplit().getKind() == SplitKind::items);
}

bool sameThread(const Touch &first, const Touch &second) {
  if (first.access == Access::all || second.access == Access::all)
    return false;
  SplitAttr a = first.split, b = second.split;
  if (a.getKind() != b.getKind() || a.getKind() == SplitKind::items)
    return false; // an item is whose that takes it
  if (a.getKind() == SplitKind::tokens)
    return true; // the same rows of the step, whatever the kernel
  if (a.getUnits() != b.getUnits())
    return false;
  // Columns belong to the same units when both divide the buffer over all
  // units, or both over the same window of them.
  auto base = [](const Touch &touch, SplitAttr split) {
    return touch.access == Access::own ? std::pair<int64_t, int64_t>(0, split.getUnits())
                                       : std::pair(split.getBegin(), split.getEnd());
  };
  return base(first, a) == base(second, b);
}

} // namespace ingot::plan
