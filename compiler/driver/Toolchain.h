//===- Toolchain.h - The tools that compile and link ------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_TOOLCHAIN_H
#define INGOT_COMPILER_DRIVER_TOOLCHAIN_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// Absolute paths of LLVM's tools, of the major version Ingot is built with.
struct Toolchain {
  std::string clang;
  std::string lld; ///< the target's linker
  std::string objcopy;
  std::string ar;

  static llvm::Expected<Toolchain> find(llvm::StringRef linker = "ld.lld");
};

/// The absolute path of one tool: `name-22` in PATH, then `name` in LLVM's own
/// folder of a packaged installation, then `name` in PATH. Exit 5 names a tool
/// that is missing.
llvm::Expected<std::string> findTool(llvm::StringRef name);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_TOOLCHAIN_H
