//===- Emulator.h - Running code of another machine -------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_EMULATOR_H
#define INGOT_COMPILER_DRIVER_EMULATOR_H

#include "codegen/Target.h"
#include "compiler/driver/Installation.h"

#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// The words in front of an executable of `target`: none where this machine is
/// of its family, else the target's `run.sh` of the installation. Exit 5 when
/// there is no such script: then nothing here can run the target.
llvm::Expected<std::vector<std::string>> emulatorFor(const Target &target,
                                                     const Installation &installation);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_EMULATOR_H
