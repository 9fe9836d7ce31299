// A growing array on malloc: the executable links libc but no C++ library.
#ifndef INGOT_CLI_ARRAY_H
#define INGOT_CLI_ARRAY_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

namespace ingot::cli {

// For plain data. Growing may fail, and then nothing has changed.
template <typename T> class Array {
public:
  Array() = default;
  ~Array() { free(elements); }
  Array(const Array &) = delete;
  Array &operator=(const Array &) = delete;

  T *data() { return elements; }
  const T *data() const { return elements; }
  size_t size() const { return count; }
  T &operator[](size_t index) { return elements[index]; }
  const T &operator[](size_t index) const { return elements[index]; }
  T *begin() { return elements; }
  T *end() { return elements + count; }
  const T *begin() const { return elements; }
  const T *end() const { return elements + count; }

  [[nodiscard]] bool reserve(size_t wanted) {
    if (wanted <= room)
      return true;
    size_t bytes;
    if (__builtin_mul_overflow(wanted, sizeof(T), &bytes))
      return false;
    T *grown = static_cast<T *>(realloc(static_cast<void *>(elements), bytes));
    if (!grown)
      return false;
    elements = grown;
    room = wanted;
    return true;
  }

  // New elements are uninitialised.
  [[nodiscard]] bool resize(size_t wanted) {
    if (!reserve(wanted))
      return false;
    count = wanted;
    return true;
  }

  [[nodiscard]] bool push(const T &element) {
    if (count == room && !reserve(room < 16 ? 16 : room + room / 2))
      return false;
    elements[count++] = element;
    return true;
  }

  [[nodiscard]] bool append(const T *from, size_t added) {
    if (added > room - count && !reserve(count + added))
      return false;
    if (added != 0)
      memcpy(static_cast<void *>(elements + count), from, added * sizeof(T));
    count += added;
    return true;
  }

private:
  T *elements = nullptr;
  size_t count = 0, room = 0;
};

} // namespace ingot::cli
#endif
