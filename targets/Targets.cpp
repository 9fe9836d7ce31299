//===- Targets.cpp - The list of targets ----------------------------------===//

#include "targets/Targets.h"

using namespace ingot;

// The generic one first; the others sorted.
static const Target *const kTargets[] = {&genericTarget,    &arm64AndroidTarget, &arm64AppleTarget,
                                         &arm64LinuxTarget, &hexagonTarget,      &riscv64Target,
                                         &wasmTarget,       &x86Target};

std::span<const Target *const> ingot::targets() { return kTargets; }

const Target *ingot::findTarget(std::string_view name) {
  // The generic target runs everywhere, so any other is the better host.
  const Target *found = nullptr;
  for (const Target *target : kTargets)
    if (name == "host" ? target->bestUsableHere() != nullptr : target->name == name)
      found = target;
  return found;
}

const Level *Target::findLevel(std::string_view level) const {
  for (const Level &candidate : levels)
    if (candidate.name == level)
      return &candidate;
  return nullptr;
}

const Level *Target::bestUsableHere() const {
  const Level *best = nullptr;
  for (const Level &candidate : levels)
    if (candidate.usableHere && candidate.usableHere())
      best = &candidate;
  return best;
}
