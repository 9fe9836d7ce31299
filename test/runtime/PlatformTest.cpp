// The primitives of platform.h on the system that runs the tests.
#include "runtime/platform/platform.h"
#include "runtime/platform/linux/CpuList.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

namespace {

using namespace ingot;

TEST(Platform, PagesAreZeroedAndAligned) {
  uint8_t *at = static_cast<uint8_t *>(platform::mapPages(10000));
  ASSERT_NE(at, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(at) % 4096, 0u);
  for (size_t i = 0; i < 10000; ++i)
    ASSERT_EQ(at[i], 0);
  std::memset(at, 1, 10000);
  platform::unmapPages(at, 10000);
  errno = 77;
  EXPECT_EQ(platform::mapPages(SIZE_MAX / 2), nullptr);
  EXPECT_EQ(errno, 77);
}

TEST(Platform, CpusOfThisProcess) {
  cpu_set_t set;
  ASSERT_EQ(sched_getaffinity(0, sizeof set, &set), 0);
  EXPECT_EQ(platform::usableCpus(), uint32_t(CPU_COUNT(&set)));
  EXPECT_GE(platform::usableCores(), 1u);
  EXPECT_LE(platform::usableCores(), platform::usableCpus());

  int first = 0;
  while (!CPU_ISSET(first, &set))
    ++first;
  std::thread([&] { // a thread that may use one CPU only
    EXPECT_TRUE(platform::pinThisThread(uint32_t(first)));
    EXPECT_EQ(sched_getcpu(), first);
    EXPECT_EQ(platform::usableCpus(), 1u);
    EXPECT_EQ(platform::usableCores(), 1u);
    errno = 77;
    EXPECT_FALSE(platform::pinThisThread(1023));
    EXPECT_FALSE(platform::pinThisThread(1024));
    EXPECT_EQ(errno, 77);
  })
      .join();
}

TEST(Platform, CpuLists) {
  platform::CpuMask mask;
  for (uint32_t cpu : {3, 4, 9, 1023})
    mask.add(cpu);
  auto first = [&](const char *text) {
    return platform::firstOfList(text, std::strlen(text), mask);
  };
  EXPECT_EQ(first("3"), 3u);
  EXPECT_EQ(first("3\n"), 3u);
  EXPECT_EQ(first("0-3\n"), 3u);
  EXPECT_EQ(first("4-5,3"), 4u);
  EXPECT_EQ(first("0,5,9\n"), 9u);
  EXPECT_EQ(first("0-2,5-8,1000-1023"), 1023u);
  for (const char *none : {"", "\n", ",3", "-3", "x3", "0", "0,", "0-", "0-2,", "5 3", "1024",
                           "99999999999999999999", "7-6,", "1024-4294967295", "4-3"})
    EXPECT_EQ(first(none), platform::maxCpus) << none;
}

TEST(Platform, ParkComparesWakesAndLeavesErrno) {
  uint32_t word = 5;
  errno = 77;
  platform::park(&word, 4); // the call itself fails: the word is another
  platform::wakeAll(&word);
  EXPECT_EQ(errno, 77);

  std::atomic<bool> woken{false};
  std::thread sleeper([&] {
    while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 5)
      platform::park(&word, 5);
    woken = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(woken);
  __atomic_store_n(&word, 6, __ATOMIC_RELEASE);
  platform::wakeAll(&word);
  sleeper.join();
  EXPECT_TRUE(woken);
}

TEST(Platform, ThreadsTakeNoSignals) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  struct Seen {
    bool blocked = false;
  } seen;
  platform::Thread thread;
  ASSERT_TRUE(platform::startThread(
      thread,
      [](void *argument) -> void * {
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        static_cast<Seen *>(argument)->blocked = sigismember(&mask, SIGINT) == 1 &&
                                                 sigismember(&mask, SIGALRM) == 1 &&
                                                 sigismember(&mask, SIGPROF) == 1;
        return nullptr;
      },
      &seen));
  platform::joinThread(thread);
  EXPECT_TRUE(seen.blocked);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  EXPECT_EQ(sigismember(&after, SIGINT), sigismember(&before, SIGINT));
  EXPECT_EQ(sigismember(&after, SIGALRM), sigismember(&before, SIGALRM));
}

} // namespace
