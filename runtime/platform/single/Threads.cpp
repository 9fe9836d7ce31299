// One thread, the caller's: a team of one starts nobody, waits for nobody and wakes nobody. A host
// that has several passes `parallel_for` in the session's options.
#include "runtime/platform/platform.h"

namespace ingot::platform {

bool startThread(Thread &, ThreadBody, void *) noexcept { return false; }
void joinThread(Thread) noexcept {}
bool pinThisThread(uint32_t) noexcept { return false; }

uint32_t usableCpus() noexcept { return 1; }
uint32_t usableCores() noexcept { return 1; }

void park(const uint32_t *, uint32_t) noexcept {}
void wakeAll(const uint32_t *) noexcept {}

} // namespace ingot::platform
