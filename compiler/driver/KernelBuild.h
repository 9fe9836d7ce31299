//===- KernelBuild.h - Kernels, from the cache or compiled ------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_KERNELBUILD_H
#define INGOT_COMPILER_DRIVER_KERNELBUILD_H

#include "codegen/Kernel.h"
#include "codegen/Target.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/KernelCache.h"
#include "compiler/driver/Progress.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// A kernel that is wanted, and where its object or text goes.
struct KernelRequest {
  KernelSpec spec;
  const Level *level;
  std::string symbol;
  std::string output;
  llvm::StringRef emit = "obj"; ///< or readable text: "asm", "cpp"
};

struct KernelBuildStats {
  size_t cached = 0, compiled = 0;
};

class KernelBuild {
public:
  /// Reads the kernel compiler once: its bytes are part of every key, and clang's of those of
  /// levels that have kernels for it.
  static llvm::Expected<KernelBuild> create(const Installation &installation, const Target &target,
                                            KernelCache cache);

  /// Leaves every request's output in its place. Children that are not needed
  /// any more are ended at the first failure.
  llvm::Expected<KernelBuildStats> build(llvm::ArrayRef<KernelRequest> requests, unsigned parallel,
                                         Progress &progress) const;

  /// Everything the bytes of a kernel depend on, hashed.
  std::string keyOf(const KernelRequest &request) const;

private:
  KernelBuild(const Target &target, KernelCache cache) : target(target), cache(std::move(cache)) {}

  std::vector<std::string> commandFor(const KernelRequest &request) const;

  const Target &target;
  KernelCache cache;
  std::string compiler, compilerHash;
  std::string clang, clangHash; ///< where a level has Level::kernelText
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_KERNELBUILD_H
