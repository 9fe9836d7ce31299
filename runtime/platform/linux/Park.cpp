#include "runtime/platform/linux/Errno.h"
#include "runtime/platform/platform.h"

extern "C" long syscall(long number, ...);

namespace ingot::platform {

namespace {
static_assert(sizeof(void *) == 8, "the call's number below is that of 64-bit systems");

// One older machine has a numbering of its own; it is told by its builtin. All later ones share
// one.
#if __has_builtin(__builtin_ia32_pause)
constexpr long futexCall = 202;
#else
constexpr long futexCall = 98;
#endif
constexpr int futexWaitPrivate = 0 | 128;
constexpr int futexWakePrivate = 1 | 128;
} // namespace

void park(const uint32_t *word, uint32_t expected) noexcept {
  ErrnoGuard keep;
  syscall(futexCall, word, futexWaitPrivate, expected, nullptr, nullptr, 0);
}

void wakeAll(const uint32_t *word) noexcept {
  ErrnoGuard keep;
  syscall(futexCall, word, futexWakePrivate, 0x7fffffff, nullptr, nullptr, 0);
}

} // namespace ingot::platform
