// The one block of memory that a session or a team lies in: the caller's, or pages of our own.
#ifndef INGOT_RUNTIME_BLOCK_H
#define INGOT_RUNTIME_BLOCK_H

#include "ingot/ingot.h"
#include "runtime/platform/platform.h"

namespace ingot {

struct Block {
  void *at = nullptr;
  size_t ownedBytes = 0; // 0: the caller's

  [[nodiscard]] ingot_status take(void *memory, size_t bytes, size_t needed,
                                  size_t alignment) noexcept {
    if (memory == nullptr) {
      if (bytes != 0)
        return INGOT_INVALID_ARGUMENT;
      at = platform::mapPages(needed);
      ownedBytes = needed;
      return at != nullptr ? INGOT_OK : INGOT_OUT_OF_MEMORY;
    }
    if (reinterpret_cast<uintptr_t>(memory) % alignment != 0)
      return INGOT_INVALID_ARGUMENT;
    if (bytes < needed)
      return INGOT_BUFFER_TOO_SMALL;
    at = memory;
    return INGOT_OK;
  }

  void giveBack() noexcept {
    if (ownedBytes != 0)
      platform::unmapPages(at, ownedBytes);
  }
};

} // namespace ingot
#endif
