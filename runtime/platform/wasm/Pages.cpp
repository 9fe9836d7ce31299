// The machine's memory only grows: pages that are given back stay with the program until it ends.
// Its programs make one session and keep it.
#include "runtime/platform/platform.h"

namespace ingot::platform {

void *mapPages(size_t bytes) noexcept {
  constexpr size_t pageBytes = 65536;
  constexpr size_t failed = ~size_t(0);
  size_t pages = bytes / pageBytes + (bytes % pageBytes != 0);
  size_t before = __builtin_wasm_memory_grow(/*memory=*/0, pages);
  return before == failed ? nullptr : reinterpret_cast<void *>(before * pageBytes);
}

void unmapPages(void *, size_t) noexcept {}

// The size of pages is the engine's affair.
void preferHugePages(void *, size_t) noexcept {}

} // namespace ingot::platform
