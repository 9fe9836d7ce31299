// The C library's memory: page aligned, zeroed, and backed whenever the system likes.
#include "runtime/platform/platform.h"
#include "runtime/platform/portable/Errno.h"

#include <stdlib.h>
#include <string.h>

namespace ingot::platform {

namespace {
constexpr size_t pageBytes = 4096;
}

void *mapPages(size_t bytes) noexcept {
  ErrnoGuard keep;
  // What was allocated stands in front of the first page.
  if (bytes > ~size_t(0) - 2 * pageBytes)
    return nullptr;
  char *block = static_cast<char *>(calloc(1, bytes + 2 * pageBytes));
  if (block == nullptr)
    return nullptr;
  uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + 2 * pageBytes - 1) & ~(pageBytes - 1);
  char *at = block + (begin - reinterpret_cast<uintptr_t>(block));
  memcpy(at - sizeof block, &block, sizeof block);
  return at;
}

void unmapPages(void *at, size_t) noexcept {
  ErrnoGuard keep;
  char *block;
  memcpy(&block, static_cast<char *>(at) - sizeof block, sizeof block);
  free(block);
}

// Which pages there are is not for a program of the C library to say.
void preferHugePages(void *, size_t) noexcept {}

} // namespace ingot::platform
