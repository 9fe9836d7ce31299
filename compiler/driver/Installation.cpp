#include "compiler/driver/Installation.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"

#include <filesystem>

using namespace ingot;
namespace fs = std::filesystem;

Installation Installation::ofThisProcess() {
  std::error_code status;
  const fs::path self = fs::read_symlink("/proc/self/exe", status);
  return Installation(self.parent_path().parent_path().string());
}

std::string Installation::kernelCompiler() const { return joinPath(root, "bin/ingot-kernel"); }

std::string Installation::sentencePieceTool() const { return joinPath(root, "bin/ingot-spm"); }

std::string Installation::includeFolder() const { return joinPath(root, "include"); }

llvm::Expected<std::string> Installation::targetFile(llvm::StringRef target,
                                                     llvm::StringRef name) const {
  const std::string path = joinPath(root, ("lib/ingot/" + target + "/" + name).str());
  std::error_code status;
  if (fs::is_regular_file(path, status))
    return path;
  return driverError(kExitMissing, "this Ingot was built without '" + name + "' for target '" +
                                       target + "', expected '" + path + "'");
}
