//===- Target.cpp - The machine of which nothing is known -----------------===//
//
// Portable C++: the compile writes sources and the line that builds them, and
// the machine is whatever the user's compiler compiles for. It names no vector
// instruction and is what every schedule falls back to.
//
//===----------------------------------------------------------------------===//

#include "targets/Targets.h"
#include "targets/generic/PortableLevel.h"

using namespace ingot;

static constexpr Level kLevels[] = {portableLevel("base", [] { return true; })};

static constexpr Requirement kRequirements[] = {
    {Requirement::Use::Link, "a C++ compiler of this machine", "c++", "apt-get install g++"},
};

const Target ingot::genericTarget = {
    .name = "generic",
    .triple = "unknown",
    .levels = kLevels,
    .deviceSource = {},
    .objectFormat = ObjectFormat::Source,
    .emits = "exe,cpp,mlir",
    .defaultEmits = "exe,cpp",
    .requirements = kRequirements,
};
