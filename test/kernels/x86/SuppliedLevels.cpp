//===- SuppliedLevels.cpp - Levels that run here under the emulator -------===//

#include "test/kernels/x86/SuppliedLevels.h"
#include "targets/Targets.h"
#include "test/kernels/x86/Emulator.h"

#include <cstdlib>

using namespace ingot;
using namespace ingot::test;

namespace {

/// `level` runs on a machine of level `base` under the emulator.
struct Supplied {
  std::string_view level, base;
  /// What its kernels in C++ are compiled with; none: its own flags, and all of its kernels run.
  std::span<const std::string_view> flags;
};

// What folds the integers of tiles is written for vectors of any machine.
constexpr std::string_view kTilesOnAvx2[] = {"-march=x86-64-v3", "-mamx-tile", "-mamx-int8"};

constexpr Supplied kSupplied[] = {
    {"avxvnni", "avx2", {}},
    {"amx", "avx512vnni", {}},
    {"amx", "avx2", kTilesOnAvx2},
};

bool runsHere(const Target &target, std::string_view name) {
  const Level *level = target.findLevel(name);
  return level && level->usableHere && level->usableHere();
}

} // namespace

std::vector<RunnableLevel> ingot::test::suppliedLevels() {
  std::vector<RunnableLevel> levels;
  if (std::getenv("INGOT_TEST_TARGET")) // another machine's kernels
    return levels;
  const char *only = std::getenv("INGOT_TEST_LEVEL");
  for (const Target *target : targets())
    for (const Supplied &one : kSupplied) {
      if (only && one.level != only)
        continue;
      const Level *level = target->findLevel(one.level);
      const bool listed =
          !levels.empty() && level == levels.back().level; // the best base stands first
      if (level && !listed && !runsHere(*target, one.level) && runsHere(*target, one.base))
        levels.push_back({target, level, /*supplied=*/true, one.flags});
    }
  if (!levels.empty() && !supplyInstructions())
    levels.clear();
  return levels;
}
