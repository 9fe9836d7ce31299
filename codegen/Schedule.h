//===- Schedule.h - How a kernel's stages find their schedule -------------===//
//
// A schedule is a function from a family's stages and a level. Each target
// lists its own in targets/T/Schedules.def as
//     INGOT_SCHEDULE(MatVec, "LEVEL", scheduleMatVecLevel)
// where level "*" serves every level that has no line of its own. A family
// without a line falls back to targets/generic.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_SCHEDULE_H
#define INGOT_CODEGEN_SCHEDULE_H

#include "codegen/kernels/Stages.h"

#include <string_view>

namespace ingot {

struct ScheduleEntry {
  std::string_view name; ///< of the function: what reports call the schedule
  void (*apply)(KernelStages &stages, const Level &level);
};

/// Adapts `void scheduleX(Family &, const Level &)` to the entry's type.
template <typename Family, void (*Schedule)(Family &, const Level &)>
void applySchedule(KernelStages &stages, const Level &level) {
  Schedule(static_cast<Family &>(stages), level);
}

} // namespace ingot

#endif // INGOT_CODEGEN_SCHEDULE_H
