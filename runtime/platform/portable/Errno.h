#ifndef INGOT_RUNTIME_PORTABLE_ERRNO_H
#define INGOT_RUNTIME_PORTABLE_ERRNO_H

#include <errno.h>

namespace ingot::platform {

// Restores errno at the end of its scope.
class ErrnoGuard {
public:
  ErrnoGuard() noexcept : saved(errno) {}
  ~ErrnoGuard() { errno = saved; }
  ErrnoGuard(const ErrnoGuard &) = delete;
  ErrnoGuard &operator=(const ErrnoGuard &) = delete;

private:
  int saved;
};

} // namespace ingot::platform
#endif
