#include "compiler/driver/Emulator.h"

#include "compiler/driver/DriverError.h"

using namespace ingot;

llvm::Expected<std::vector<std::string>> ingot::emulatorFor(const Target &target,
                                                            const Installation &installation) {
  // A level that knows how to ask this machine belongs to its family; whether it can run the level
  // is for the executable to find out.
  for (const Level &level : target.levels)
    if (level.usableHere)
      return std::vector<std::string>{};
  llvm::Expected<std::string> script = installation.targetFile(target.name, "run.sh");
  if (script)
    return std::vector<std::string>{"/bin/sh", *script};
  llvm::consumeError(script.takeError());
  return driverError(kExitMissing,
                     "no emulator for target '" + std::string(target.name) + "' on this machine");
}
