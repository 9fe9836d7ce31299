#include "runtime/platform/linux/Errno.h"
#include "runtime/platform/platform.h"

extern "C" {
void *mmap(void *at, size_t bytes, int protection, int flags, int descriptor, long offset);
int munmap(void *at, size_t bytes);
int madvise(void *at, size_t bytes, int advice);
}

namespace ingot::platform {

namespace {
constexpr int protectionReadWrite = 0x1 | 0x2;
constexpr int mapPrivateAnonymous = 0x02 | 0x20;
constexpr int adviseHugePages = 14;
} // namespace

void *mapPages(size_t bytes) noexcept {
  ErrnoGuard keep;
  void *at = mmap(nullptr, bytes, protectionReadWrite, mapPrivateAnonymous, -1, 0);
  return at == reinterpret_cast<void *>(-1) ? nullptr : at;
}

void unmapPages(void *at, size_t bytes) noexcept {
  ErrnoGuard keep;
  munmap(at, bytes);
}

void preferHugePages(void *at, size_t bytes) noexcept {
  ErrnoGuard keep;
  // Small pages serve as well where this is refused; only whole ones may be named.
  uintptr_t begin = (reinterpret_cast<uintptr_t>(at) + 4095) & ~uintptr_t(4095);
  madvise(reinterpret_cast<void *>(begin), bytes - (begin - reinterpret_cast<uintptr_t>(at)),
          adviseHugePages);
}

} // namespace ingot::platform
