#include "compiler/import/MappedFile.h"

#include "compiler/import/ImportError.h"

#include "llvm/Support/JSON.h" // isUTF8
#include "llvm/Support/Process.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace ingot;

namespace {

/// Closes a descriptor at the end of a scope: a mapping outlives it.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0)
      ::close(fd);
  }
};

} // namespace

static llvm::Error systemError(llvm::StringRef path, const char *what) {
  return malformed({path.str()}, llvm::Twine(what) + ": " + std::strerror(errno));
}

/// Opens a regular file and says how long it is. A pipe or device would block
/// or lie about its size, and opening one must not wait for a writer.
static llvm::Error openRegular(llvm::StringRef path, Descriptor &file, uint64_t &size) {
  file.fd = ::open(path.str().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file.fd < 0)
    return systemError(path, "cannot open");
  struct stat status;
  if (::fstat(file.fd, &status) != 0)
    return systemError(path, "cannot read the size");
  if (!S_ISREG(status.st_mode))
    return malformed({path.str()}, "not a regular file");
  size = uint64_t(status.st_size);
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<MappedFile>> MappedFile::open(llvm::StringRef path) {
  Descriptor file{-1};
  uint64_t size = 0;
  if (llvm::Error error = openRegular(path, file, size))
    return std::move(error);
  if (size == 0) // mmap refuses an empty range
    return std::unique_ptr<MappedFile>(new MappedFile(path.str(), {}));
  void *base = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (base == MAP_FAILED)
    return systemError(path, "cannot map");
  return std::unique_ptr<MappedFile>(
      new MappedFile(path.str(), {static_cast<const uint8_t *>(base), size_t(size)}));
}

MappedFile::~MappedFile() {
  if (!mapping.empty())
    ::munmap(const_cast<uint8_t *>(mapping.data()), mapping.size());
}

void MappedFile::release(llvm::ArrayRef<uint8_t> part) const {
  if (part.empty() || part.begin() < mapping.begin() || part.end() > mapping.end())
    return;
  // The pages at the ends may hold a neighbour's bytes as well; dropping them
  // costs that neighbour one fault, so only whole pages go.
  uintptr_t page = llvm::sys::Process::getPageSizeEstimate();
  uintptr_t begin = (reinterpret_cast<uintptr_t>(part.begin()) + page - 1) / page * page;
  uintptr_t end = reinterpret_cast<uintptr_t>(part.end()) / page * page;
  if (begin < end)
    ::madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}

llvm::Expected<std::string> ingot::readTextFile(llvm::StringRef path, uint64_t limit) {
  Descriptor file{-1};
  uint64_t size = 0;
  if (llvm::Error error = openRegular(path, file, size))
    return std::move(error);
  if (size > limit)
    return malformed({path.str()}, "the file has " + llvm::Twine(size) +
                                       " bytes, expected at most " + llvm::Twine(limit));
  std::string text(size, '\0');
  size_t filled = 0;
  while (filled < text.size()) {
    ssize_t got = ::read(file.fd, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return systemError(path, "cannot read");
    if (got == 0)
      break;
    filled += size_t(got);
  }
  text.resize(filled); // shorter only if the file shrank meanwhile
  size_t bad = 0;
  if (!llvm::json::isUTF8(text, &bad))
    return malformed({path.str(), 0, 0, bad}, "the text is not UTF-8");
  return text;
}
