#include "compiler/driver/Files.h"

#include "compiler/driver/DriverError.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

using namespace ingot;
namespace fs = std::filesystem;

std::string ingot::joinPath(llvm::StringRef folder, llvm::StringRef name) {
  return name.empty() ? folder.str() : (fs::path(folder.str()) / name.str()).string();
}

llvm::Error ingot::writeFile(llvm::StringRef path, llvm::StringRef bytes) {
  const int file = open(path.str().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0)
    return systemError("create", path, errno);
  while (!bytes.empty()) {
    const ssize_t put = write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0) {
      const int reason = errno;
      close(file);
      return systemError("write", path, reason);
    }
    bytes = bytes.drop_front(static_cast<size_t>(put));
  }
  return close(file) == 0 ? llvm::Error::success() : systemError("write", path, errno);
}

llvm::Expected<std::string> ingot::readFile(llvm::StringRef path) {
  const int file = open(path.str().c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return systemError("open", path, errno);
  std::string bytes;
  char piece[1 << 16];
  for (;;) {
    const ssize_t got = read(file, piece, sizeof piece);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      const int reason = errno;
      close(file);
      if (got < 0)
        return systemError("read", path, reason);
      return bytes;
    }
    bytes.append(piece, static_cast<size_t>(got));
  }
}

llvm::Error ingot::copyFile(llvm::StringRef from, llvm::StringRef to) {
  std::error_code status;
  fs::copy_file(from.str(), to.str(), fs::copy_options::overwrite_existing, status);
  return status ? systemError("copy", from, status.value()) : llvm::Error::success();
}

llvm::Error ingot::makeFolder(llvm::StringRef path) {
  std::error_code status;
  fs::create_directories(path.str(), status);
  return status ? systemError("create", path, status.value()) : llvm::Error::success();
}

llvm::Error ingot::removeTree(llvm::StringRef path) {
  std::error_code status;
  fs::remove_all(path.str(), status);
  return status ? systemError("remove", path, status.value()) : llvm::Error::success();
}

static llvm::Error syncPath(llvm::StringRef path, int flags) {
  const int file = open(path.str().c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (file < 0)
    return systemError("open", path, errno);
  const int status = fsync(file);
  const int reason = errno;
  close(file);
  // Some file systems cannot sync a folder and say so.
  if (status != 0 && reason != EINVAL)
    return systemError("write", path, reason);
  return llvm::Error::success();
}

llvm::Error ingot::syncFolder(llvm::StringRef path) { return syncPath(path, O_DIRECTORY); }

llvm::Error ingot::syncTree(llvm::StringRef path) {
  std::error_code status;
  for (fs::recursive_directory_iterator at(path.str(), status), end; !status && at != end;
       at.increment(status)) {
    if (at->is_symlink())
      continue;
    if (llvm::Error error = syncPath(at->path().string(), /*flags=*/0))
      return error;
  }
  if (status)
    return systemError("read", path, status.value());
  return syncFolder(path);
}
