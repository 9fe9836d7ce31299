// Failing system calls: the linker routes the runtime's mmap and pthread_create through here, and
// the k-th of them fails, alone or with all that follow.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <atomic>

namespace {
std::atomic<int> calls{0}, mapped{0}, started{0};
int failFrom = 0, failTo = 0; // calls counted from 1; 0: none fails

bool failsNow() {
  int call = ++calls;
  return call >= failFrom && call <= failTo;
}
} // namespace

extern "C" {
void *__real_mmap(void *at, size_t bytes, int protection, int flags, int descriptor, long offset);
int __real_munmap(void *at, size_t bytes);
int __real_pthread_create(unsigned long *, const void *, void *(*)(void *), void *);
int __real_pthread_join(unsigned long, void **);

void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int descriptor, long offset) {
  if (failsNow())
    return reinterpret_cast<void *>(-1);
  void *given = __real_mmap(at, bytes, protection, flags, descriptor, offset);
  if (given != reinterpret_cast<void *>(-1))
    ++mapped;
  return given;
}
int __wrap_munmap(void *at, size_t bytes) {
  --mapped;
  return __real_munmap(at, bytes);
}
int __wrap_pthread_create(unsigned long *thread, const void *attributes, void *(*body)(void *),
                          void *argument) {
  if (failsNow())
    return 11; // EAGAIN
  ++started;
  return __real_pthread_create(thread, attributes, body, argument);
}
int __wrap_pthread_join(unsigned long thread, void **result) {
  --started;
  return __real_pthread_join(thread, result);
}
}

namespace {

ingot_status wholeLife(uint32_t threads) {
  ingot_session_options o = {};
  o.threads = threads;
  ingot_session *s = nullptr;
  if (ingot_status status = ingot_session_create(fake::model(), &o, nullptr, 0, &s)) {
    EXPECT_EQ(s, nullptr);
    return status;
  }
  int created = calls;
  std::vector<int32_t> ids = fake::prompt(50);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  ingot_generate_options generate = {};
  generate.max_tokens = 20;
  generate.temperature = 1;
  EXPECT_EQ(ingot_session_generate(s, &generate, nullptr, nullptr), INGOT_OK);
  EXPECT_EQ(
      ingot_session_save(s, [](void *, const void *, size_t) { return 0; }, nullptr), INGOT_OK);
  EXPECT_EQ(calls, created); // nothing is allocated or started after create
  ingot_session_destroy(s);
  return INGOT_OK;
}

TEST(Failure, EveryAllocationAndThread) {
  constexpr uint32_t threads = 4;
  calls = 0;
  failFrom = failTo = 0;
  ASSERT_EQ(wholeLife(threads), INGOT_OK);
  const int all = calls;
  EXPECT_EQ(all, 1 + 3); // one mapping, three workers
  for (bool onward : {false, true})
    for (int k = 1; k <= all; ++k) {
      calls = 0;
      failFrom = k;
      failTo = onward ? 1000 : k;
      EXPECT_EQ(wholeLife(threads), k == 1 ? INGOT_OUT_OF_MEMORY : INGOT_THREAD_FAILED);
      EXPECT_EQ(mapped, 0);
      EXPECT_EQ(started, 0);
    }
  failFrom = failTo = 0;
  EXPECT_EQ(wholeLife(threads), INGOT_OK);
  EXPECT_EQ(mapped, 0);
  EXPECT_EQ(started, 0);
}

TEST(Failure, SharedTeam) {
  for (int k = 1; k <= 3; ++k) {
    calls = 0;
    failFrom = k;
    failTo = 1000;
    ingot_team_options o = {};
    o.threads = 3;
    ingot_team *team = reinterpret_cast<ingot_team *>(1);
    EXPECT_EQ(ingot_team_create(&o, nullptr, 0, &team),
              k == 1 ? INGOT_OUT_OF_MEMORY : INGOT_THREAD_FAILED);
    EXPECT_EQ(team, nullptr);
    EXPECT_EQ(mapped, 0);
    EXPECT_EQ(started, 0);
  }
  failFrom = failTo = 0;
}

} // namespace
