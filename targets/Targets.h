//===- Targets.h - The list of targets ------------------------------------===//
//
// The only header of targets/ that tools include. Plain data: neither Halide
// nor MLIR (library IngotTargets).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_TARGETS_H
#define INGOT_TARGETS_TARGETS_H

#include "codegen/Target.h"

namespace ingot {

/// All targets: the generic one, then the others by name.
std::span<const Target *const> targets();

/// The target of that name, or null. "host" is the target of the machine that
/// this process runs on: the last with a level that is usable here.
const Target *findTarget(std::string_view name);

/// The schedule of `algorithm`'s family on a level of a target: the level's own,
/// else the target's, else the generic one. Empty when nobody knows the algorithm.
std::string_view scheduleName(const Target &target, const Level &level, std::string_view algorithm);

// One for each folder of targets/.
extern const Target genericTarget;
extern const Target arm64AndroidTarget;
extern const Target arm64AppleTarget;
extern const Target arm64LinuxTarget;
extern const Target hexagonTarget;
extern const Target riscv64Target;
extern const Target wasmTarget;
extern const Target x86Target;

} // namespace ingot

#endif // INGOT_TARGETS_TARGETS_H
