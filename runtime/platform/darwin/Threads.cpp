#include "runtime/platform/darwin/Errno.h"
#include "runtime/platform/platform.h"

// pthread_t is a pointer and sigset_t 32 bits on this system.
extern "C" {
int pthread_create(void **thread, const void *attributes, void *(*body)(void *), void *argument);
int pthread_join(void *thread, void **result);
int pthread_sigmask(int how, const uint32_t *set, uint32_t *old);
}

namespace ingot::platform {

namespace {
constexpr int signalsSetMask = 3;
} // namespace

bool startThread(Thread &thread, ThreadBody body, void *argument) noexcept {
  ErrnoGuard keep;
  const uint32_t all = ~0u;
  uint32_t before = 0;
  if (pthread_sigmask(signalsSetMask, &all, &before) != 0)
    return false;
  void *handle = nullptr;
  bool started = pthread_create(&handle, nullptr, body, argument) == 0;
  pthread_sigmask(signalsSetMask, &before, nullptr);
  thread.handle = reinterpret_cast<uint64_t>(handle);
  return started;
}

void joinThread(Thread thread) noexcept {
  ErrnoGuard keep;
  pthread_join(reinterpret_cast<void *>(thread.handle), nullptr);
}

// The system places threads itself and takes no orders.
bool pinThisThread(uint32_t) noexcept { return false; }

} // namespace ingot::platform
