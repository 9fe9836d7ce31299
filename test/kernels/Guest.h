//===- Guest.h - Kernels in a host of their own ---------------------------===//
//
// Runs kernels of a machine that this process is not: a script loads their
// module, and every call sends it the memory that the kernel may touch and takes
// back what it wrote. The script keeps a margin around each piece of memory and
// notices writes into it.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_GUEST_H
#define INGOT_TEST_KERNELS_GUEST_H

#include <cstdint>
#include <cstdio>
#include <string>
#include <sys/types.h>
#include <vector>

namespace ingot::test {

/// Memory that a kernel is given: a vector from one of its elements on.
struct Buffer {
  const uint8_t *at;
  size_t bytes;

  template <typename T>
  Buffer(const std::vector<T> &in, int64_t from = 0)
      : at(reinterpret_cast<const uint8_t *>(in.data() + from)),
        bytes((in.size() - size_t(from)) * sizeof(T)) {}
};

/// An argument: memory, where in it the kernel's view begins, and whether it is
/// written.
struct GuestView {
  Buffer buffer;
  int64_t offset;
  bool written;
};

class Guest {
public:
  /// Starts `command MODULE`.
  Guest(const std::string &command, const std::string &module);
  ~Guest();
  Guest(const Guest &) = delete;
  Guest &operator=(const Guest &) = delete;

  /// The kernel's result; -2 when it wrote outside of what it was given or the
  /// host is gone.
  int call(const std::string &symbol, const std::vector<int32_t> &scalars,
           const std::vector<GuestView> &views);

private:
  pid_t process = -1;
  FILE *requests = nullptr, *answers = nullptr;
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_GUEST_H
