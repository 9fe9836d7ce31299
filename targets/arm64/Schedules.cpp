//===- Schedules.cpp - The arm64 schedules, from Schedules.def ---------------===//

#include "targets/Schedules.h"
#include "codegen/kernels/Algorithms.h"

namespace ingot {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) void FUNCTION(FAMILY &k, const Level &level);
#include "targets/arm64/Schedules.def"
} // namespace ingot

using namespace ingot;

static constexpr ScheduleEntry kSchedules[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FUNCTION, applySchedule<FAMILY, FUNCTION>},
#include "targets/arm64/Schedules.def"
    {}, // the list may be empty, an array may not
};

std::span<const ScheduleEntry> ingot::arm64Schedules() {
  return std::span(kSchedules).first(std::size(kSchedules) - 1);
}
