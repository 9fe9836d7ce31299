#include "compiler/driver/Emulator.h"

#include "compiler/driver/DriverError.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

using namespace ingot;

bool ingot::isMet(const Requirement &requirement) {
  const llvm::StringRef probe = requirement.probe;
  return probe.starts_with("/") ? llvm::sys::fs::exists(probe)
                                : bool(llvm::sys::findProgramByName(probe));
}

llvm::Error ingot::checkRequirements(const Target &target, Requirement::Use use) {
  for (const Requirement &requirement : target.requirements)
    if (requirement.use == use && !isMet(requirement))
      return driverError(kExitMissing, "cannot find '" + llvm::StringRef(requirement.probe) +
                                           "' (" + llvm::StringRef(requirement.what) +
                                           "), which target '" + llvm::StringRef(target.name) +
                                           "' needs; get it with '" +
                                           llvm::StringRef(requirement.command) + "'");
  return llvm::Error::success();
}

llvm::Expected<std::vector<std::string>>
ingot::emulatorFor(const Target &target, const Level &level, const Installation &installation) {
  // A level that knows how to ask this machine belongs to its family; whether it can run the level
  // is for the executable to find out.
  for (const Level &candidate : target.levels)
    if (candidate.usableHere)
      return std::vector<std::string>{};
  if (level.emulatedCpu.empty())
    return driverError(kExitMissing, "no emulator for target '" + llvm::StringRef(target.name) +
                                         "' on this machine");
  if (llvm::Error error = checkRequirements(target, Requirement::Use::Run))
    return std::move(error);
  llvm::Expected<std::string> script = installation.targetFile(target.name, "run.sh");
  if (!script)
    return script.takeError();
  return std::vector<std::string>{"/bin/sh", *script, std::string(level.emulatedCpu)};
}
