// The thread team: T threads run one function together and meet at barriers inside it.
//
// All waiting is the same: spin on a word for a while, then park on it. A step of a small model has
// hundreds of barriers a few microseconds apart, where a sleep and a wake-up would cost more than
// the work between them; between steps, and where threads outnumber the CPUs, spinning would only
// take time away from others, so it is short.
#ifndef INGOT_RUNTIME_TEAM_H
#define INGOT_RUNTIME_TEAM_H

#include "ingot/ingot.h"
#include "runtime/platform/platform.h"
#include "runtime/src/Atomic.h"

namespace ingot {

constexpr uint32_t maxThreads = 256;
constexpr uint64_t teamMagic = 0x6d61657474676e69; // "ingtteam"
using TeamBody = void (*)(void *argument, uint32_t thread, uint32_t threads);

// A word that threads wait on until it changes. The waiter announces itself before it parks and the
// changer looks for waiters after it changed the word, both sequentially consistent: one of them
// sees the other, so no wake-up is lost and none is paid for when nobody sleeps.
struct alignas(64) WaitWord {
  Atomic<uint32_t> word;
  Atomic<uint32_t> sleepers;

  void waitWhile(uint32_t value, uint32_t spins) noexcept;
  void advance() noexcept;
};

// Where threads meet, in one word: its low half counts those that have arrived, its high half the
// meetings that are over. The last to arrive so takes one cache line from the others, not two, and
// they need the same one to see that it came. `taken` counts what was taken since the last meeting.
struct alignas(64) Barrier {
  Atomic<uint32_t> word;
  Atomic<uint32_t> sleepers;
  Atomic<uint32_t> taken;

  void arriveAndWait(uint32_t threads, uint32_t spins) noexcept;
};

struct Worker {
  ingot_team *team;
  platform::Thread thread;
  uint32_t index;
  uint32_t cpu; // or notPinned
};
constexpr uint32_t notPinned = ~0u;

// What a team will be, from checked options.
struct TeamPlan {
  uint32_t threads;
  const uint32_t *cpus;
  ingot_parallel_for parallelFor;
  void *parallelForUser;
  ingot_log_callback log;
  void *logUser;
};
[[nodiscard]] ingot_status planTeam(const ingot_team_options &options, TeamPlan &plan) noexcept;
size_t teamBytes(const TeamPlan &plan) noexcept; // at most a few KiB; alignment 64

} // namespace ingot

struct ingot_team {
  uint64_t magic;
  uint32_t threads;
  uint32_t spins;
  ingot_parallel_for parallelFor; // null: the workers below
  void *parallelForUser;
  size_t ownedBytes; // of the pages the team lies in, when it took them itself

  ingot::WaitWord job; // advances when there is a body to run
  ingot::Barrier meeting;
  alignas(64) ingot::Atomic<uint32_t> lock; // 0 free, 1 held, 2 held and waited for
  ingot::Atomic<uint32_t> pinFailures;
  ingot::TeamBody body; // null: the workers end
  void *argument;

  bool valid() const noexcept { return magic == ingot::teamMagic; }
  ingot::Worker *workers() noexcept { return reinterpret_cast<ingot::Worker *>(this + 1); }

  // Builds the team in `memory` and starts its threads. Nothing is left behind on failure.
  [[nodiscard]] static ingot_status create(const ingot::TeamPlan &plan, void *memory) noexcept;
  void stop() noexcept;

  // Runs body(argument, thread, threads) on every thread at once; the caller is thread 0.
  void run(ingot::TeamBody body, void *argument) noexcept;

  // Returns when every thread has called it. What was written before is visible after.
  void barrier() noexcept {
    if (threads != 1)
      meeting.arriveAndWait(threads, spins);
    else
      meeting.taken.storeRelaxed(0);
  }

  // 0, 1, 2 .. since the last barrier, each number to one caller.
  uint32_t take() noexcept { return meeting.taken.add(1); }

private:
  void runThread(uint32_t thread) noexcept;
  void serve(uint32_t thread) noexcept;
  void endWorkers(uint32_t started) noexcept;
  static void *workerMain(void *worker) noexcept;
};

#endif
