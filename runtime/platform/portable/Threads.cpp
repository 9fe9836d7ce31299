// Threads of the C++ library. It has no word for signals, for pinning, or for which processors are
// cores of their own: handlers may run on these threads, pinning is refused, all processors count.
#include "runtime/platform/platform.h"
#include "runtime/platform/portable/Errno.h"

#include <condition_variable>
#include <mutex>
#include <new>
#include <thread>

namespace ingot::platform {

bool startThread(Thread &thread, ThreadBody body, void *argument) noexcept {
  ErrnoGuard keep;
  static_assert(sizeof(std::thread *) <= sizeof thread.handle, "the handle is a pointer");
  try {
    thread.handle = reinterpret_cast<uintptr_t>(new std::thread(body, argument));
    return true;
  } catch (...) { // no memory, or no more threads
    return false;
  }
}

void joinThread(Thread thread) noexcept {
  ErrnoGuard keep;
  auto *started = reinterpret_cast<std::thread *>(static_cast<uintptr_t>(thread.handle));
  started->join();
  delete started;
}

bool pinThisThread(uint32_t) noexcept { return false; }

uint32_t usableCpus() noexcept {
  unsigned count = std::thread::hardware_concurrency(); // 0: it is not known
  return count != 0 ? count : 1;
}
uint32_t usableCores() noexcept { return usableCpus(); }

namespace {

// One for all words: a team parks rarely, and wakes all that sleep.
struct Parking {
  std::mutex lock;
  std::condition_variable changed;
};

// Never destroyed: a thread of the team may sleep here when the program ends, and destroying what
// is waited for would wait for it.
Parking &parking() noexcept {
  alignas(Parking) static unsigned char room[sizeof(Parking)];
  static Parking *made = new (room) Parking;
  return *made;
}

} // namespace

void park(const uint32_t *word, uint32_t expected) noexcept {
  ErrnoGuard keep;
  Parking &here = parking();
  std::unique_lock<std::mutex> held(here.lock);
  // The waker has stored before it takes the lock, so it is seen here or wakes this wait.
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == expected)
    here.changed.wait(held);
}

void wakeAll(const uint32_t *) noexcept {
  ErrnoGuard keep;
  Parking &here = parking();
  std::lock_guard<std::mutex> held(here.lock);
  here.changed.notify_all();
}

} // namespace ingot::platform
