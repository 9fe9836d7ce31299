#include "runtime/platform/linux/Errno.h"
#include "runtime/platform/platform.h"

// pthread_t is a long in every 64-bit libc of this system; a sigset_t has at most 128 bytes.
extern "C" {
int pthread_create(unsigned long *thread, const void *attributes, void *(*body)(void *),
                   void *argument);
int pthread_join(unsigned long thread, void **result);
int pthread_sigmask(int how, const void *set, void *old);
int sched_setaffinity(int thread, size_t bytes, const void *mask);
}

namespace ingot::platform {

namespace {
constexpr int signalsSetMask = 2;
struct SignalSet {
  unsigned long words[16];
};
} // namespace

bool startThread(Thread &thread, ThreadBody body, void *argument) noexcept {
  ErrnoGuard keep;
  SignalSet all, before;
  for (unsigned long &word : all.words)
    word = ~0ul;
  if (pthread_sigmask(signalsSetMask, &all, &before) != 0)
    return false;
  unsigned long handle = 0;
  bool started = pthread_create(&handle, nullptr, body, argument) == 0;
  pthread_sigmask(signalsSetMask, &before, nullptr);
  thread.handle = handle;
  return started;
}

void joinThread(Thread thread) noexcept {
  ErrnoGuard keep;
  pthread_join(static_cast<unsigned long>(thread.handle), nullptr);
}

bool pinThisThread(uint32_t cpu) noexcept {
  ErrnoGuard keep;
  constexpr uint32_t bitsPerWord = sizeof(unsigned long) * 8;
  unsigned long mask[1024 / bitsPerWord] = {};
  if (cpu >= 1024)
    return false;
  mask[cpu / bitsPerWord] = 1ul << (cpu % bitsPerWord);
  return sched_setaffinity(/*thread=*/0, sizeof mask, mask) == 0;
}

} // namespace ingot::platform
