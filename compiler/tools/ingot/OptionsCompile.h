//===- OptionsCompile.h - The command line of `ingot compile` ---*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_OPTIONSCOMPILE_H
#define INGOT_COMPILER_TOOLS_INGOT_OPTIONSCOMPILE_H

#include "compiler/driver/CompileOptions.h"

#include <optional>

namespace ingot {

/// Fills `options`; nothing when the verb may go on, else the exit code to end
/// with (its reason has been said).
std::optional<int> parseCompileOptions(int argc, char **argv, CompileOptions &options);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_OPTIONSCOMPILE_H
