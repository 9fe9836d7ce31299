// Threads: barriers, shared teams, the host's pool, cancelling. Also built and run under TSan.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace {

using fake::prompt;
using fake::Session;

ingot_team *makeTeam(uint32_t threads) {
  ingot_team_options o = {};
  o.size = sizeof o;
  o.threads = threads;
  ingot_team *team = nullptr;
  EXPECT_EQ(ingot_team_create(&o, nullptr, 0, &team), INGOT_OK);
  return team;
}

std::vector<float> serialLogits(uint32_t seed) {
  Session s;
  std::vector<int32_t> ids = prompt(40, seed);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ingot_session_decode(s, i), INGOT_OK);
  return s.logits();
}
void runAndCompare(Session &s, uint32_t seed, const std::vector<float> &expected) {
  std::vector<int32_t> ids = prompt(40, seed);
  EXPECT_EQ(ingot_session_rewind(s, 0), INGOT_OK);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ingot_session_decode(s, i), INGOT_OK);
  EXPECT_EQ(s.logits(), expected);
}

TEST(Team, RunsEveryThreadOnce) {
  for (uint32_t threads : {1, 2, 3, 5, 16}) {
    ingot_team *team = makeTeam(threads);
    EXPECT_EQ(ingot_team_threads(team), threads);
    std::vector<int> ran(threads); // plain ints: the run's end must publish them
    for (int repeat = 1; repeat <= 300; ++repeat) {
      ASSERT_EQ(ingot_team_run(
                    team,
                    [](void *argument, uint32_t thread, uint32_t count) {
                      std::vector<int> &all = *static_cast<std::vector<int> *>(argument);
                      if (count == all.size())
                        ++all[thread];
                    },
                    &ran),
                INGOT_OK);
      EXPECT_EQ(ran, std::vector<int>(threads, repeat));
    }
    ingot_team_destroy(team);
  }
}

// Late callers: the workers have parked long before the next run.
TEST(Team, WakesUpAfterAPause) {
  ingot_team *team = makeTeam(3);
  std::atomic<int> ran{0};
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_EQ(ingot_team_run(
                  team,
                  [](void *argument, uint32_t, uint32_t) {
                    ++*static_cast<std::atomic<int> *>(argument);
                  },
                  &ran),
              INGOT_OK);
  }
  EXPECT_EQ(ran, 15);
  ingot_team_destroy(team);
}

TEST(Team, Misuse) {
  ingot_team *team = nullptr;
  ingot_team_options o = {};
  size_t bytes = 0, alignment = 0;
  EXPECT_EQ(ingot_team_create(nullptr, nullptr, 0, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_team_run(nullptr, nullptr, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_team_threads(nullptr), 0u);
  o.threads = 257;
  EXPECT_EQ(ingot_team_create(&o, nullptr, 0, &team), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_team_size(&o, &bytes, &alignment), INGOT_INVALID_ARGUMENT);
  o.threads = 2;
  uint32_t cpus[] = {0};
  o.cpus = cpus;
  o.cpu_count = 1;
  EXPECT_EQ(ingot_team_create(&o, nullptr, 0, &team), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(team, nullptr);

  o.cpu_count = 0;
  ASSERT_EQ(ingot_team_size(&o, &bytes, &alignment), INGOT_OK);
  std::vector<uint8_t> memory(bytes + alignment, 0xff);
  void *at = memory.data();
  size_t room = memory.size();
  ASSERT_NE(std::align(alignment, bytes, at, room), nullptr);
  EXPECT_EQ(ingot_team_create(&o, at, bytes - 1, &team), INGOT_BUFFER_TOO_SMALL);
  ASSERT_EQ(ingot_team_create(&o, at, bytes, &team), INGOT_OK);
  ingot_session_options with = {};
  with.team = team;
  with.threads = 2; // whose threads?
  ingot_session *s = nullptr;
  EXPECT_EQ(ingot_session_create(fake::model(), &with, nullptr, 0, &s), INGOT_INVALID_ARGUMENT);
  ingot_team_destroy(team);
  with.threads = 0;
  EXPECT_EQ(ingot_session_create(fake::model(), &with, nullptr, 0, &s), INGOT_INVALID_ARGUMENT);
}

TEST(Team, PinsAndSaysWhenItCannot) {
  struct Log {
    int warnings = 0;
    int infos = 0;
  } log;
  uint32_t cpus[] = {0, 0, 0};
  ingot_session_options o = {};
  o.cpus = cpus;
  o.cpu_count = 3;
  o.log = [](void *user, int severity, const char *message, const char *detail) {
    EXPECT_NE(message, nullptr);
    EXPECT_NE(detail, nullptr);
    ++(severity == INGOT_LOG_WARNING ? static_cast<Log *>(user)->warnings
                                     : static_cast<Log *>(user)->infos);
  };
  o.log_user = &log;
  for (uint32_t cpu : {1000000u, 1023u}) {
    log = {};
    cpus[2] = cpu;
    Session s(o);
    ingot_session_info info = {};
    info.size = sizeof info;
    ASSERT_EQ(ingot_session_get_info(s, &info), INGOT_OK);
    EXPECT_EQ(info.threads, 3u);
    EXPECT_EQ(log.warnings, 1);
    EXPECT_EQ(log.infos, 1);
    runAndCompare(s, 1, serialLogits(1));
  }
}

TEST(Team, SharedBySessionsOnManyThreads) {
  ingot_team *team = makeTeam(3);
  {
    ingot_session_options o = {};
    o.team = team;
    std::vector<std::unique_ptr<Session>> sessions;
    std::vector<std::vector<float>> expected;
    for (uint32_t i = 0; i < 4; ++i) {
      sessions.push_back(std::make_unique<Session>(o));
      expected.push_back(serialLogits(i));
    }
    std::vector<std::thread> hosts;
    for (uint32_t i = 0; i < 4; ++i)
      hosts.emplace_back([&, i] {
        for (int repeat = 0; repeat < 5; ++repeat)
          runAndCompare(*sessions[i], i, expected[i]);
      });
    for (std::thread &host : hosts)
      host.join();
  }
  ingot_team_destroy(team);
  EXPECT_EQ(fake::seen.violations, 0u);
}

TEST(Team, ManySessionsWithTeamsOfTheirOwn) {
  std::vector<std::thread> hosts;
  for (uint32_t i = 0; i < 8; ++i)
    hosts.emplace_back([i] {
      std::vector<float> expected = serialLogits(i);
      for (int repeat = 0; repeat < 3; ++repeat) {
        Session s(2);
        runAndCompare(s, i, expected);
      }
    });
  for (std::thread &host : hosts)
    host.join();
  EXPECT_EQ(fake::seen.violations, 0u);
}

TEST(Team, TheHostsParallelFor) {
  struct Pool {
    int runs = 0;
  } pool;
  ingot_session_options o = {};
  o.threads = 4;
  o.parallel_for_user = &pool;
  o.parallel_for = [](void *user, uint32_t threads, void (*body)(void *, uint32_t),
                      void *argument) {
    ++static_cast<Pool *>(user)->runs;
    std::vector<std::thread> all;
    for (uint32_t t = 0; t < threads; ++t)
      all.emplace_back(body, argument, t);
    for (std::thread &thread : all)
      thread.join();
  };
  Session s(o);
  runAndCompare(s, 2, serialLogits(2));
  EXPECT_EQ(pool.runs, 2 + 20); // two chunks and twenty tokens
}

TEST(Cancel, BeforeACallEndsThatCallOnly) {
  Session s;
  std::vector<int32_t> ids = prompt(40);
  ingot_session_cancel(s);
  ingot_session_cancel(s);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_CANCELLED);
  EXPECT_EQ(ingot_session_position(s), 0u);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  ingot_session_cancel(s);
  ingot_generate_result result = {};
  result.size = sizeof result;
  ingot_generate_options o = {};
  o.result = &result;
  EXPECT_EQ(ingot_session_generate(s, &o, nullptr, nullptr), INGOT_CANCELLED);
  EXPECT_EQ(result.stop, uint32_t(INGOT_STOP_CANCEL));
  EXPECT_EQ(result.tokens, 0u);
}

// Random moments of another thread; afterwards the session repeats a fresh run bit for bit.
TEST(Cancel, InTheMiddle) {
  const std::vector<float> expected = serialLogits(1);
  std::vector<int32_t> ids = prompt(150);
  int cancelled = 0;
  for (uint32_t threads : {1, 2})
    for (uint32_t round = 0; round < 60; ++round) {
      Session s(threads, 4, 4);
      ASSERT_EQ(ingot_session_decode(s, 1), INGOT_OK);
      const float *logits = nullptr;
      fake::seen.delayMicroseconds = 50;
      std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::microseconds(round * 97));
        ingot_session_cancel(s);
        (void)ingot_session_position(s);
      });
      ingot_status status = ingot_session_prefill(s, ids.data(), ids.size());
      size_t position = ingot_session_position(s);
      if (status == INGOT_OK) {
        ingot_generate_options o = {};
        o.ignore_eos = 1;
        o.lookup = 4;
        struct Count {
          size_t tokens = 0;
        } count;
        status = ingot_session_generate(
            s, &o,
            [](void *user, int32_t) {
              ++static_cast<Count *>(user)->tokens;
              return 0;
            },
            &count);
        EXPECT_EQ(ingot_session_position(s), position + count.tokens);
      } else {
        bool ended = position == 1 || position == 1 + ids.size(); // nothing fed, or all
        EXPECT_TRUE(ended || position % 4 == 1);
        EXPECT_EQ(ingot_session_logits(s, &logits, nullptr), ended ? INGOT_OK : INGOT_NO_LOGITS);
      }
      other.join();
      fake::seen.delayMicroseconds = 0;
      cancelled += status == INGOT_CANCELLED;
      EXPECT_TRUE(status == INGOT_CANCELLED || status == INGOT_OK);
      if (status == INGOT_OK) // it came too late, so it waits for the next call
        EXPECT_EQ(ingot_session_decode(s, 1), ingot_session_position(s) == fake::context
                                                  ? INGOT_CONTEXT_FULL
                                                  : INGOT_CANCELLED);
      (void)ingot_session_rewind(s, 0);
      if (status == INGOT_OK)
        (void)ingot_session_decode(s, 1); // takes it, if the full context did not
      runAndCompare(s, 1, expected);
    }
  EXPECT_GT(cancelled, 30);
}

TEST(Session, OneCallAtATime) {
  Session s(1, 1);
  fake::seen.delayMicroseconds = 2000;
  std::vector<int32_t> ids = prompt(50);
  std::thread other([&] { EXPECT_EQ(ingot_session_prefill(s, ids.data(), 50), INGOT_OK); });
  while (ingot_session_position(s) == 0)
    std::this_thread::yield();
  EXPECT_EQ(ingot_session_decode(s, 1), INGOT_BUSY);
  EXPECT_EQ(ingot_session_rewind(s, 0), INGOT_BUSY);
  other.join();
  fake::seen.delayMicroseconds = 0;
  EXPECT_EQ(ingot_session_position(s), 50u);
}

} // namespace
