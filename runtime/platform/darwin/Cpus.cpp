#include "runtime/platform/darwin/Errno.h"
#include "runtime/platform/platform.h"

extern "C" int sysctlbyname(const char *name, void *old, size_t *oldBytes, void *newValue,
                            size_t newBytes);

namespace ingot::platform {

namespace {
// 0 when the system does not know the name.
uint32_t ask(const char *name) noexcept {
  ErrnoGuard keep;
  int32_t value = 0;
  size_t bytes = sizeof value;
  if (sysctlbyname(name, &value, &bytes, nullptr, 0) != 0 || value < 0)
    return 0;
  return static_cast<uint32_t>(value);
}
} // namespace

uint32_t usableCpus() noexcept {
  const uint32_t count = ask("hw.logicalcpu");
  return count == 0 ? 1 : count;
}

// Cores of the fastest kind: a barrier waits for the slowest thread.
uint32_t usableCores() noexcept {
  if (const uint32_t fastest = ask("hw.perflevel0.physicalcpu"))
    return fastest;
  const uint32_t count = ask("hw.physicalcpu");
  return count == 0 ? 1 : count;
}

} // namespace ingot::platform
