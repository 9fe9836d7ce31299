//===- Schedules.cpp - The wasm schedules, from Schedules.def ---------------===//

#include "targets/Schedules.h"
#include "codegen/kernels/Algorithms.h"

namespace ingot {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) void FUNCTION(FAMILY &k, const Level &level);
#include "targets/wasm/Schedules.def"
} // namespace ingot

using namespace ingot;

static constexpr ScheduleEntry kSchedules[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FUNCTION, applySchedule<FAMILY, FUNCTION>},
#include "targets/wasm/Schedules.def"
    {}, // the list may be empty, an array may not
};

std::span<const ScheduleEntry> ingot::wasmSchedules() {
  return std::span(kSchedules).first(std::size(kSchedules) - 1);
}
