//===- Link.h - From sources and kernels to what is shipped -----*- C++ -*-===//
//
// Every tool is told to leave out what differs between two builds: times,
// paths, build ids, its own name.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_LINK_H
#define INGOT_COMPILER_DRIVER_LINK_H

#include "codegen/Target.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/Toolchain.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// One source and the object (or assembly) it becomes.
struct CompileUnit {
  std::string source;             ///< .cpp, .c or .s
  std::string output;             ///< .o, or .s with `assembly`
  std::vector<std::string> flags; ///< of the level
  bool assembly = false;
};

class Linker {
public:
  Linker(const Toolchain &tools, const Installation &installation, const Target &target)
      : tools(tools), installation(installation), target(target) {}

  /// Compiles all units, `parallel` at a time.
  llvm::Error compileCpp(llvm::ArrayRef<CompileUnit> units, unsigned parallel) const;

  /// One relocatable object with the single global `symbol`.
  llvm::Error makeModelObject(llvm::ArrayRef<std::string> objects, llvm::StringRef symbol,
                              llvm::StringRef output) const;

  /// A static library whose members are exactly these files.
  llvm::Error makeArchive(llvm::ArrayRef<std::string> members, llvm::StringRef output) const;

  /// A static executable, or a module.
  llvm::Error makeExecutable(llvm::ArrayRef<std::string> objects, llvm::StringRef output) const;

  /// A shared library that exports what the objects have global.
  llvm::Error makeShared(llvm::ArrayRef<std::string> objects, llvm::StringRef soname,
                         llvm::StringRef output) const;

private:
  llvm::Error runTool(llvm::StringRef what, std::vector<std::string> command) const;
  std::vector<std::string> clangFor(const CompileUnit &unit) const;
  std::vector<std::string> clangLinker(llvm::StringRef kind, llvm::StringRef output) const;

  const Toolchain &tools;
  const Installation &installation;
  const Target &target;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_LINK_H
