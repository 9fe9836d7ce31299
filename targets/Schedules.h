//===- Schedules.h - The schedules of all targets -------------------------===//
//
// Library IngotSchedules: needs Halide, so only `ingot-kernel` and tests link
// it. See codegen/Schedule.h for the form of a schedule.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_SCHEDULES_H
#define INGOT_TARGETS_SCHEDULES_H

#include "codegen/Schedule.h"

#include <span>

namespace ingot {

// One for each folder of targets/; the generic one has a line for every family.
std::span<const ScheduleEntry> genericSchedules();
std::span<const ScheduleEntry> arm64Schedules();
std::span<const ScheduleEntry> hexagonSchedules();
std::span<const ScheduleEntry> wasmSchedules();
std::span<const ScheduleEntry> x86Schedules();

/// The schedule of that name (scheduleName, Targets.h), or null.
const ScheduleEntry *findSchedule(std::string_view name);

} // namespace ingot

#endif // INGOT_TARGETS_SCHEDULES_H
