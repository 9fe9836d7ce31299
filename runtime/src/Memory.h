// Copying, clearing and measuring memory without a C library header.
#ifndef INGOT_RUNTIME_MEMORY_H
#define INGOT_RUNTIME_MEMORY_H

#include <stddef.h>
#include <stdint.h>

namespace ingot {

// The builtins become calls of memcpy, memmove and memset, the only libc names that generated code
// and runtime both need.
inline void copyBytes(void *to, const void *from, size_t bytes) noexcept {
  if (bytes != 0)
    __builtin_memcpy(to, from, bytes);
}
inline void clearBytes(void *at, size_t bytes) noexcept {
  if (bytes != 0)
    __builtin_memset(at, 0, bytes);
}

inline bool equalText(const char *a, const char *b) noexcept {
  while (*a != 0 && *a == *b)
    ++a, ++b;
  return *a == *b;
}

// A size that remembers whether any step on its way overflowed. Sizes of a session are products of
// numbers from the model and the options; every one of them goes through here.
struct CheckedSize {
  size_t value = 0;
  bool overflowed = false;

  constexpr CheckedSize() = default;
  constexpr CheckedSize(uint64_t from) noexcept
      : value(static_cast<size_t>(from)), overflowed(from > SIZE_MAX) {}

  friend CheckedSize operator+(CheckedSize a, CheckedSize b) noexcept {
    CheckedSize r;
    r.overflowed =
        __builtin_add_overflow(a.value, b.value, &r.value) || a.overflowed || b.overflowed;
    return r;
  }
  friend CheckedSize operator*(CheckedSize a, CheckedSize b) noexcept {
    CheckedSize r;
    r.overflowed =
        __builtin_mul_overflow(a.value, b.value, &r.value) || a.overflowed || b.overflowed;
    return r;
  }
};

inline CheckedSize alignUp(CheckedSize size, size_t alignment) noexcept {
  CheckedSize up = size + CheckedSize(alignment - 1);
  up.value &= ~(alignment - 1);
  return up;
}

} // namespace ingot
#endif
