//===- ScheduleNames.cpp - Which schedule serves which kernel -------------===//

#include "targets/Targets.h"

using namespace ingot;

namespace {

struct Line {
  std::string_view family, level, schedule;
};

constexpr Line kGeneric[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FAMILY, LEVEL, #FUNCTION},
#include "targets/generic/Schedules.def"
};
constexpr Line kArm64[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FAMILY, LEVEL, #FUNCTION},
#include "targets/arm64/Schedules.def"
};
constexpr Line kHexagon[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FAMILY, LEVEL, #FUNCTION},
#include "targets/hexagon/Schedules.def"
};
constexpr Line kWasm[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FAMILY, LEVEL, #FUNCTION},
#include "targets/wasm/Schedules.def"
};
constexpr Line kX86[] = {
#define INGOT_SCHEDULE(FAMILY, LEVEL, FUNCTION) {#FAMILY, LEVEL, #FUNCTION},
#include "targets/x86/Schedules.def"
    {}, // the list may be empty, an array may not
};

struct TargetLines {
  const Target &target;
  std::span<const Line> lines;
};
const TargetLines kTargets[] = {
    {arm64AndroidTarget, kArm64}, {arm64AppleTarget, kArm64}, {arm64LinuxTarget, kArm64},
    {hexagonTarget, kHexagon},    {wasmTarget, kWasm},        {x86Target, kX86},
};

struct Algorithm {
  std::string_view name, family;
};
constexpr Algorithm kAlgorithms[] = {
#define INGOT_ALGORITHM(NAME, F) {#NAME, #F},
#include "codegen/kernels/Algorithms.def"
};

std::string_view findIn(std::span<const Line> lines, std::string_view level,
                        std::string_view family) {
  for (std::string_view wanted : {level, std::string_view("*")})
    for (const Line &line : lines)
      if (line.family == family && line.level == wanted)
        return line.schedule;
  return {};
}

} // namespace

std::string_view ingot::scheduleName(const Target &target, const Level &level,
                                     std::string_view algorithm) {
  std::string_view family, found;
  for (const Algorithm &one : kAlgorithms)
    if (one.name == algorithm)
      family = one.family;
  for (const TargetLines &own : kTargets)
    if (&own.target == &target)
      found = findIn(own.lines, level.name, family);
  return found.empty() ? findIn(kGeneric, "*", family) : found;
}
