// Waiting on an address is public since macOS 14.4 and iOS 17.4, so it is looked up by name; what
// came before is private and keeps an application out of the store. Older systems sleep and look
// again: a parked thread is one that spun in vain for long, so a fifth of a millisecond more does
// not show, and parking costs some wake-ups there.
#include "runtime/platform/darwin/Errno.h"
#include "runtime/platform/platform.h"

extern "C" {
void *dlsym(void *handle, const char *name);
int nanosleep(const void *duration, void *rest);
}

namespace ingot::platform {

namespace {
using WaitOnAddress = int (*)(void *address, uint64_t value, size_t bytes, uint32_t flags);
using WakeByAddressAll = int (*)(void *address, size_t bytes, uint32_t flags);

struct Duration {
  long seconds, nanoseconds;
};
constexpr Duration pollInterval = {0, 200000};

void *lookUp(const char *name) noexcept {
  void *const everywhere = reinterpret_cast<void *>(-2);
  return dlsym(everywhere, name);
}
} // namespace

void park(const uint32_t *word, uint32_t expected) noexcept {
  ErrnoGuard keep;
  if (auto wait = reinterpret_cast<WaitOnAddress>(lookUp("os_sync_wait_on_address"))) {
    wait(const_cast<uint32_t *>(word), expected, sizeof *word, /*flags=*/0);
    return;
  }
  if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == expected)
    nanosleep(&pollInterval, nullptr);
}

void wakeAll(const uint32_t *word) noexcept {
  ErrnoGuard keep;
  if (auto wake = reinterpret_cast<WakeByAddressAll>(lookUp("os_sync_wake_by_address_all")))
    wake(const_cast<uint32_t *>(word), sizeof *word, /*flags=*/0);
}

} // namespace ingot::platform
