// Memory from the C library of the image that this is linked into: an address space without pages
// of its own to give, so they are cleared by hand.
#include "runtime/platform/platform.h"

extern "C" {
void *memalign(size_t alignment, size_t bytes);
void free(void *at);
}

namespace ingot::platform {

void *mapPages(size_t bytes) noexcept {
  constexpr size_t pageBytes = 4096;
  void *at = memalign(pageBytes, bytes);
  if (at)
    __builtin_memset(at, 0, bytes);
  return at;
}

void unmapPages(void *at, size_t) noexcept { free(at); }

// The size of pages is the image's affair.
void preferHugePages(void *, size_t) noexcept {}

} // namespace ingot::platform
