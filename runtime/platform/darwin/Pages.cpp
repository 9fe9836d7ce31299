#include "runtime/platform/darwin/Errno.h"
#include "runtime/platform/platform.h"

extern "C" {
void *mmap(void *at, size_t bytes, int protection, int flags, int descriptor, long long offset);
int munmap(void *at, size_t bytes);
}

namespace ingot::platform {

namespace {
constexpr int protectionReadWrite = 0x1 | 0x2;
constexpr int mapPrivateAnonymous = 0x0002 | 0x1000;
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

} // namespace ingot::platform
