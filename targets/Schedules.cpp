//===- Schedules.cpp - The schedules of all targets -----------------------===//

#include "targets/Schedules.h"

using namespace ingot;

const ScheduleEntry *ingot::findSchedule(std::string_view name) {
  for (std::span<const ScheduleEntry> schedules :
       {genericSchedules(), arm64Schedules(), hexagonSchedules(), wasmSchedules(), x86Schedules()})
    for (const ScheduleEntry &entry : schedules)
      if (entry.name == name)
        return &entry;
  return nullptr;
}
