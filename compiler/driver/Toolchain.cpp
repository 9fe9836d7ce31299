#include "compiler/driver/Toolchain.h"

#include "compiler/driver/DriverError.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"

using namespace ingot;

static const std::string kMajor = std::to_string(LLVM_VERSION_MAJOR);

static std::string absolute(std::string path) {
  llvm::SmallString<256> full(path);
  llvm::sys::fs::make_absolute(full);
  return full.str().str();
}

llvm::Expected<std::string> ingot::findTool(llvm::StringRef name) {
  const std::string packaged = "/usr/lib/llvm-" + kMajor + "/bin";
  if (auto found = llvm::sys::findProgramByName((name + "-" + kMajor).str()))
    return absolute(*found);
  if (auto found = llvm::sys::findProgramByName(name, {packaged}))
    return absolute(*found);
  if (auto found = llvm::sys::findProgramByName(name))
    return absolute(*found);
  return driverError(kExitMissing, "cannot find '" + name + "-" + kMajor + "' or '" + name +
                                       "' in PATH, which compiling needs");
}

llvm::Expected<Toolchain> Toolchain::find(llvm::StringRef linker) {
  Toolchain tools;
  const std::pair<llvm::StringRef, std::string *> wanted[] = {{"clang", &tools.clang},
                                                              {linker, &tools.lld},
                                                              {"llvm-objcopy", &tools.objcopy},
                                                              {"llvm-ar", &tools.ar}};
  for (auto &[name, path] : wanted) {
    llvm::Expected<std::string> found = findTool(name);
    if (!found)
      return found.takeError();
    *path = *found;
  }
  return tools;
}
