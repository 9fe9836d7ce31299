//===- Conflicts.h - Do two launches need a barrier? ----------------------===//
//
// The memory model of a plan. Between two barriers the threads of a team run
// apart, so two accesses to the same bytes of shared memory, one of them a
// write, are right only if the same thread makes both. Which thread touches
// what follows from the launch's split, for any number of threads.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_PASSES_CONFLICTS_H
#define INGOT_COMPILER_PASSES_CONFLICTS_H

#include "dialects/plan/Plan.h"

#include "llvm/ADT/SmallVector.h"

namespace ingot::plan {

/// One operand of a launch or attend, as the memory model sees it.
struct Touch {
  mlir::Value memory; ///< a shared buffer, the logits or a part of a slot
  mlir::Operation *work;
  SplitAttr split;
  Access access;
  bool writes;
};

/// The touches of a launch or attend that other threads can see, and nothing
/// for other ops. Constant images and the thread's own scratch are left out; a
/// part of a slot is named by the first plan.slot of its kind in the function.
llvm::SmallVector<Touch> sharedTouches(mlir::Operation *op);

/// True when threads take the parts of `op` as they come. What was taken is counted from barrier to
/// barrier, so one must stand between two such ops whatever they touch.
bool isTaken(mlir::Operation *op);

/// True when the two touches are made by the same thread wherever they meet.
bool sameThread(const Touch &first, const Touch &second);

/// True when `later` may not follow `earlier` without a barrier, given that
/// both touch the same memory.
inline bool conflict(const Touch &earlier, const Touch &later) {
  return (earlier.writes || later.writes) && !sameThread(earlier, later);
}

} // namespace ingot::plan

#endif // INGOT_COMPILER_PASSES_CONFLICTS_H
