// The library leaves errno alone: every primitive that calls into libc on a thread of the host puts
// it back.
#ifndef INGOT_RUNTIME_DARWIN_ERRNO_H
#define INGOT_RUNTIME_DARWIN_ERRNO_H

extern "C" int *__error(void);

namespace ingot::platform {

class ErrnoGuard {
public:
  ErrnoGuard() noexcept : saved(*__error()) {}
  ~ErrnoGuard() { *__error() = saved; }
  ErrnoGuard(const ErrnoGuard &) = delete;
  ErrnoGuard &operator=(const ErrnoGuard &) = delete;

private:
  int saved;
};

} // namespace ingot::platform
#endif
