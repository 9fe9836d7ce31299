#include "compiler/driver/Sha256.h"

#include "compiler/driver/DriverError.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

using namespace ingot;

static std::string hexOf(llvm::SHA256 &hash) {
  return llvm::toHex(hash.final(), /*LowerCase=*/true);
}

std::string ingot::sha256Hex(llvm::StringRef bytes) {
  llvm::SHA256 hash;
  hash.update(bytes);
  return hexOf(hash);
}

llvm::Expected<std::string> ingot::sha256OfFile(llvm::StringRef path) {
  const int file = open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return systemError("open", path, errno);
  llvm::SHA256 hash;
  std::vector<uint8_t> piece(1 << 18);
  for (;;) {
    const ssize_t got = read(file, piece.data(), piece.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      const int reason = errno;
      close(file);
      if (got < 0)
        return systemError("read", path, reason);
      return hexOf(hash);
    }
    hash.update(llvm::ArrayRef(piece).take_front(static_cast<size_t>(got)));
  }
}
