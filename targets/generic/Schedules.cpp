//===- Schedules.cpp - The generic schedules, from Schedules.def ---------------===//

#include "targets/Schedules.h"
#include "codegen/kernels/Algorithms.h"

namespace ingot {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) void FUNCTION(FAMILY &k, const Level &level);
#include "targets/generic/Schedules.def"
} // namespace ingot

using namespace ingot;

static constexpr ScheduleEntry kSchedules[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FUNCTION, applySchedule<FAMILY, FUNCTION>},
#include "targets/generic/Schedules.def"
};

std::span<const ScheduleEntry> ingot::genericSchedules() { return kSchedules; }
