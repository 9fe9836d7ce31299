//===- Emulator.h - Running code of another machine -------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_EMULATOR_H
#define INGOT_COMPILER_DRIVER_EMULATOR_H

#include "codegen/Target.h"
#include "compiler/driver/Installation.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// The words in front of an executable of `level` of `target`: none where this
/// machine is of its family, else the target's `run.sh` of the installation and
/// the processor that it is to be. Exit 5 when there is no such script, or
/// something that it needs is missing: then nothing here can run the target.
llvm::Expected<std::vector<std::string>> emulatorFor(const Target &target, const Level &level,
                                                     const Installation &installation);

/// True when there is nothing that `requirement` misses here.
bool isMet(const Requirement &requirement);

/// Exit 5, with the command that helps, for the first requirement of that use
/// that is not met.
llvm::Error checkRequirements(const Target &target, Requirement::Use use);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_EMULATOR_H
