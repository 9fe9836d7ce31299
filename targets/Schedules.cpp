//===- Schedules.cpp - The schedules of all targets -----------------------===//

#include "targets/Schedules.h"

using namespace ingot;

namespace {

struct TargetSchedules {
  std::string_view target;
  std::span<const ScheduleEntry> (*schedules)();
};

constexpr TargetSchedules kTargets[] = {
    {"generic", genericSchedules},   {"arm64-android", arm64Schedules},
    {"arm64-apple", arm64Schedules}, {"arm64-linux", arm64Schedules},
    {"hexagon", hexagonSchedules},   {"wasm", wasmSchedules},
    {"x86-64", x86Schedules},
};

const ScheduleEntry *findIn(std::span<const ScheduleEntry> entries, std::string_view level,
                            std::string_view family) {
  for (std::string_view wanted : {level, std::string_view("*")})
    for (const ScheduleEntry &entry : entries)
      if (entry.family == family && entry.level == wanted)
        return &entry;
  return nullptr;
}

} // namespace

const ScheduleEntry *ingot::findSchedule(std::string_view target, std::string_view level,
                                         std::string_view family) {
  for (const TargetSchedules &candidate : kTargets)
    if (candidate.target == target)
      if (const ScheduleEntry *entry = findIn(candidate.schedules(), level, family))
        return entry;
  return findIn(genericSchedules(), "*", family);
}
