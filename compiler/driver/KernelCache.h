//===- KernelCache.h - Compiled kernels by content --------------*- C++ -*-===//
//
// A file `ab/cdef....kernel` for each key: the SHA-256 of what follows as 64
// digits, a line end, the object. Files are written beside their place and
// renamed, and one whose hash is wrong is treated as absent and removed, so
// neither a crash nor a bad disk can put wrong code into a model.
//
// The cache is a help and never a reason to fail: what cannot be written is
// compiled again the next time.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_KERNELCACHE_H
#define INGOT_COMPILER_DRIVER_KERNELCACHE_H

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace ingot {

class KernelCache {
public:
  /// `folder` empty: the default one.
  explicit KernelCache(std::string folder = {});

  /// $XDG_CACHE_HOME/ingot, else ~/.cache/ingot; empty when there is no home.
  static std::string defaultFolder();

  const std::string &folder() const { return root; }

  std::optional<std::string> find(llvm::StringRef key) const;
  void store(llvm::StringRef key, llvm::StringRef object) const;

  /// Where the entry of `key` lies.
  std::string pathOf(llvm::StringRef key) const;

private:
  std::string root;
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_KERNELCACHE_H
