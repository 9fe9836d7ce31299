#include "compiler/driver/KernelCache.h"

#include "compiler/driver/Files.h"
#include "compiler/driver/Sha256.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

using namespace ingot;

static constexpr size_t kHashDigits = 64;

std::string KernelCache::defaultFolder() {
  // A relative XDG_CACHE_HOME is to be ignored, says its specification.
  if (const char *home = getenv("XDG_CACHE_HOME"); home && home[0] == '/')
    return joinPath(home, "ingot");
  if (const char *home = getenv("HOME"); home && home[0] == '/')
    return joinPath(home, ".cache/ingot");
  return {};
}

KernelCache::KernelCache(std::string folder)
    : root(folder.empty() ? defaultFolder() : std::move(folder)) {}

std::string KernelCache::pathOf(llvm::StringRef key) const {
  return joinPath(joinPath(root, key.take_front(2)), (key.drop_front(2) + ".kernel").str());
}

std::optional<std::string> KernelCache::find(llvm::StringRef key) const {
  if (root.empty())
    return std::nullopt;
  const std::string path = pathOf(key);
  llvm::Expected<std::string> entry = readFile(path);
  if (!entry) {
    llvm::consumeError(entry.takeError());
    return std::nullopt;
  }
  if (entry->size() > kHashDigits && (*entry)[kHashDigits] == '\n') {
    const llvm::StringRef object = llvm::StringRef(*entry).drop_front(kHashDigits + 1);
    if (sha256Hex(object) == llvm::StringRef(*entry).take_front(kHashDigits))
      return object.str();
  }
  llvm::consumeError(removeTree(path));
  return std::nullopt;
}

void KernelCache::store(llvm::StringRef key, llvm::StringRef object) const {
  if (root.empty())
    return;
  const std::string path = pathOf(key);
  const std::string partial = path + "." + std::to_string(getpid()) + ".tmp";
  const auto write = [&]() -> llvm::Error {
    if (llvm::Error error = makeFolder(std::filesystem::path(path).parent_path().string()))
      return error;
    return writeFile(partial, sha256Hex(object) + "\n" + object.str());
  };
  const bool written = !llvm::errorToBool(write());
  if (!written || rename(partial.c_str(), path.c_str()) != 0)
    llvm::consumeError(removeTree(partial));
}
