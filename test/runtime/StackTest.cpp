// The whole API on a painted stack of 64 KiB: what is no longer paint afterwards was used.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <pthread.h>

#include <cstdlib>
#include <cstring>

namespace {

constexpr size_t stackBytes = 64 * 1024;
constexpr uint8_t paint = 0xa5;

struct Buffer {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(1 << 20);
  size_t end = 0, at = 0;
};

struct Job {
  Buffer saved;
  std::vector<int32_t> ids = fake::prompt(60);
  std::vector<float> logits = std::vector<float>(60 * fake::vocab);
  ingot_status worst = INGOT_OK;
};

void note(Job &job, ingot_status status) {
  if (status != INGOT_OK)
    job.worst = status;
}

void *useEverything(void *argument) {
  Job &job = *static_cast<Job *>(argument);
  ingot_session_options o = {};
  o.threads = 2;
  o.max_lookup = 4;
  size_t bytes, alignment, count;
  const float *logits;
  ingot_session *s = nullptr;
  note(job, ingot_session_size(fake::model(), &o, &bytes, &alignment));
  note(job, ingot_session_create(fake::model(), &o, nullptr, 0, &s));
  note(job, ingot_session_prefill_logits(s, job.ids.data(), 60, job.logits.data()));
  note(job, ingot_session_rewind(s, 30));
  note(job, ingot_session_prefill(s, job.ids.data(), 20));
  note(job, ingot_session_decode(s, 3));
  note(job, ingot_session_logits(s, &logits, &count));
  ingot_generate_options g = {};
  g.max_tokens = 20;
  g.temperature = 0.7f;
  g.top_k = 40, g.top_p = 0.9f, g.min_p = 0.01f, g.repeat_penalty = 1.1f;
  g.lookup = 4;
  note(job, ingot_session_generate(s, &g, nullptr, nullptr));
  note(job, ingot_session_save(
                s,
                [](void *user, const void *data, size_t n) {
                  Buffer &b = *static_cast<Buffer *>(user);
                  std::memcpy(&b.bytes[b.end], data, n);
                  b.end += n;
                  return 0;
                },
                &job.saved));
  note(job, ingot_session_load(
                s,
                [](void *user, void *data, size_t n) {
                  Buffer &b = *static_cast<Buffer *>(user);
                  std::memcpy(data, &b.bytes[b.at], n);
                  b.at += n;
                  return 0;
                },
                &job.saved));
  ingot_session_cancel(s);
  ingot_session_destroy(s);
  return nullptr;
}

TEST(Stack, HighWaterStaysBelow32KiB) {
  Job job;
  void *stack = std::aligned_alloc(4096, stackBytes);
  std::memset(stack, paint, stackBytes);
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstack(&attributes, stack, stackBytes), 0);
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, useEverything, &job), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(job.worst, INGOT_OK);
  size_t untouched = 0;
  while (untouched < stackBytes && static_cast<uint8_t *>(stack)[untouched] == paint)
    ++untouched;
  EXPECT_LE(stackBytes - untouched, 32u * 1024);
  RecordProperty("stack_bytes", int(stackBytes - untouched));
  std::printf("stack used: %zu bytes\n", stackBytes - untouched);
  std::free(stack);
}

} // namespace
