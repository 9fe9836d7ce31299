//===- Installation.h - Ingot's own files beside the driver -----*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_INSTALLATION_H
#define INGOT_COMPILER_DRIVER_INSTALLATION_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

inline constexpr char kVersion[] = "0.1.0";

/// bin/ingot, bin/ingot-kernel, bin/ingot-spm, include/ingot/, lib/ingot/TARGET/: the same in
/// a build tree and where Ingot is installed.
class Installation {
public:
  /// Found from the path of this process's executable.
  static Installation ofThisProcess();

  explicit Installation(std::string root) : root(std::move(root)) {}

  std::string kernelCompiler() const;
  std::string sentencePieceTool() const;
  std::string includeFolder() const;

  /// lib/ingot/`target`/`name`; exit 5 when it is not there, because then this
  /// Ingot was built without that target.
  llvm::Expected<std::string> targetFile(llvm::StringRef target, llvm::StringRef name) const;

private:
  std::string root;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_INSTALLATION_H
