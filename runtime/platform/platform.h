// What the runtime asks of an operating system: five groups of primitives, each implemented in a
// folder per system. They preserve errno, print nothing, and report failure by value.
#ifndef INGOT_RUNTIME_PLATFORM_H
#define INGOT_RUNTIME_PLATFORM_H

#include <stddef.h>
#include <stdint.h>

namespace ingot::platform {

// Zeroed, page-aligned memory that is not backed before it is touched; null when there is none.
[[nodiscard]] void *mapPages(size_t bytes) noexcept;
void unmapPages(void *at, size_t bytes) noexcept;
// A wish, for memory of mapPages that was not touched yet.
void preferHugePages(void *at, size_t bytes) noexcept;

// A thread that can be joined. It runs with every signal blocked, so that no handler of the host
// ever runs on it.
struct Thread {
  uint64_t handle;
};
using ThreadBody = void *(*)(void *argument);
[[nodiscard]] bool startThread(Thread &thread, ThreadBody body, void *argument) noexcept;
void joinThread(Thread thread) noexcept;

// Pins the calling thread to one CPU.
[[nodiscard]] bool pinThisThread(uint32_t cpu) noexcept;

// Logical CPUs that the process may use, and how many of them are cores of their own (hyperthreads
// of one core share its arithmetic, so a second thread there does not help). Never 0.
uint32_t usableCpus() noexcept;
uint32_t usableCores() noexcept;

// Sleeps while `*word` is `expected` until wakeAll(word); may also return without reason.
void park(const uint32_t *word, uint32_t expected) noexcept;
void wakeAll(const uint32_t *word) noexcept;

} // namespace ingot::platform
#endif
