// The library leaves errno alone: every primitive that calls into libc on a thread of the host puts
// it back.
#ifndef INGOT_RUNTIME_LINUX_ERRNO_H
#define INGOT_RUNTIME_LINUX_ERRNO_H

#if defined(__ANDROID__)
extern "C" int *__errno(void);
#else
extern "C" int *__errno_location(void);
#endif

namespace ingot::platform {

class ErrnoGuard {
public:
  ErrnoGuard() noexcept : saved(*location()) {}
  ~ErrnoGuard() { *location() = saved; }
  ErrnoGuard(const ErrnoGuard &) = delete;
  ErrnoGuard &operator=(const ErrnoGuard &) = delete;

private:
  static int *location() noexcept {
#if defined(__ANDROID__)
    return __errno();
#else
    return __errno_location();
#endif
  }
  int saved;
};

} // namespace ingot::platform
#endif
