// Feeding and rewinding: the numbers depend on the tokens and on nothing else.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <cstring>
#include <memory>

namespace {

using fake::prompt;
using fake::Session;

// Logits after every token, fed one by one by one thread: what all other ways must equal bit for
// bit.
std::vector<float> expectedLogits(const std::vector<int32_t> &tokens) {
  Session s;
  std::vector<float> all;
  for (int32_t token : tokens) {
    EXPECT_EQ(ingot_session_decode(s, token), INGOT_OK);
    std::vector<float> row = s.logits();
    all.insert(all.end(), row.begin(), row.end());
  }
  return all;
}
std::vector<float> row(const std::vector<float> &all, size_t index) {
  return {all.begin() + long(index * fake::vocab), all.begin() + long((index + 1) * fake::vocab)};
}

TEST(Feed, ThreadsAndChunksDoNotMatter) {
  std::vector<int32_t> tokens = prompt(150);
  std::vector<float> expected = expectedLogits(tokens);
  for (uint32_t threads : {1, 2, 3, 4, 5, 6, 7, 8})
    for (uint32_t chunk : {0, 1, 7, 8, 9, 31, 32, 128, 512}) {
      Session s(threads, chunk);
      std::vector<float> all(expected.size(), -1);
      fake::seen.mostRows = 0;
      ASSERT_EQ(ingot_session_prefill_logits(s, tokens.data(), tokens.size(), all.data()),
                INGOT_OK);
      EXPECT_EQ(all, expected) << threads << " threads, chunk " << chunk;
      EXPECT_EQ(s.logits(), row(expected, 149));
      uint32_t most = chunk == 0 || chunk > fake::chunk ? fake::chunk : chunk;
      EXPECT_EQ(fake::seen.mostRows, most);

      Session plain(threads, chunk);
      ASSERT_EQ(ingot_session_prefill(plain, tokens.data(), tokens.size()), INGOT_OK);
      EXPECT_EQ(plain.logits(), row(expected, 149));
    }
  EXPECT_EQ(fake::seen.violations, 0u);
}

TEST(Feed, PromptInPieces) {
  std::vector<int32_t> tokens = prompt(200); // the whole context
  std::vector<float> expected = expectedLogits(tokens);
  Session s(2);
  size_t at = 0;
  for (size_t piece : {1, 63, 1, 40, 5, 90}) {
    ASSERT_EQ(ingot_session_prefill(s, tokens.data() + at, piece), INGOT_OK);
    at += piece;
    EXPECT_EQ(ingot_session_position(s), at);
    EXPECT_EQ(s.logits(), row(expected, at - 1));
  }
  EXPECT_EQ(s.tokens(), tokens);
  EXPECT_EQ(ingot_session_decode(s, 1), INGOT_CONTEXT_FULL);
  EXPECT_EQ(s.logits(), row(expected, 199));
}

TEST(Feed, RewindForgetsWhatWasBehind) {
  std::vector<int32_t> tokens = prompt(140), wrong = prompt(60, 9);
  std::vector<float> expected = expectedLogits(tokens);
  for (size_t to : {0, 1, 63, 64, 65, 100, 128, 139}) {
    Session s(2, 16);
    ASSERT_EQ(ingot_session_prefill(s, tokens.data(), to + (to == 0)), INGOT_OK);
    ASSERT_EQ(ingot_session_prefill(s, wrong.data(), wrong.size()), INGOT_OK);
    ASSERT_EQ(ingot_session_rewind(s, to), INGOT_OK);
    const float *logits = reinterpret_cast<const float *>(1);
    EXPECT_EQ(ingot_session_logits(s, &logits, nullptr), INGOT_NO_LOGITS);
    EXPECT_EQ(logits, nullptr);
    ASSERT_EQ(ingot_session_prefill(s, tokens.data() + to, tokens.size() - to), INGOT_OK);
    EXPECT_EQ(s.logits(), row(expected, tokens.size() - 1)) << "rewound to " << to;
    EXPECT_EQ(ingot_session_rewind(s, tokens.size()), INGOT_OK); // no change
    EXPECT_EQ(s.logits(), row(expected, tokens.size() - 1));
    EXPECT_EQ(ingot_session_rewind(s, tokens.size() + 1), INGOT_INVALID_ARGUMENT);
  }
}

// Memory of the caller may hold anything: here every float of it is a NaN.
TEST(Feed, DirtyMemoryOfTheCaller) {
  std::vector<int32_t> tokens = prompt(190);
  std::vector<float> expected = expectedLogits(tokens);
  for (const ingot_model *model : {fake::model(), fake::wholeModel()}) {
    ingot_session_options options = {};
    options.threads = 2;
    size_t bytes = 0, alignment = 0;
    ASSERT_EQ(ingot_session_size(model, &options, &bytes, &alignment), INGOT_OK);
    std::vector<uint8_t> memory(bytes + alignment, 0xff);
    void *at = memory.data();
    size_t room = memory.size();
    ASSERT_NE(std::align(alignment, bytes, at, room), nullptr);
    memory.back() = 0xab;
    ingot_session *s = nullptr;
    ASSERT_EQ(ingot_session_create(model, &options, at, bytes, &s), INGOT_OK);
    ASSERT_EQ(ingot_session_prefill(s, tokens.data(), 100), INGOT_OK);
    ASSERT_EQ(ingot_session_prefill(s, tokens.data() + 100, 90), INGOT_OK);
    const float *logits = nullptr;
    ASSERT_EQ(ingot_session_logits(s, &logits, nullptr), INGOT_OK);
    EXPECT_EQ(std::memcmp(logits, &expected[189 * fake::vocab], fake::vocab * sizeof(float)), 0);
    ingot_session_destroy(s);
    ingot_session_destroy(s); // noticed: the caller's memory is still there
    EXPECT_EQ(ingot_session_decode(s, 1), INGOT_INVALID_ARGUMENT);
  }
}

TEST(Feed, NothingIsFedWhenAnythingIsWrong) {
  Session s;
  std::vector<int32_t> tokens = prompt(10);
  ASSERT_EQ(ingot_session_prefill(s, tokens.data(), 10), INGOT_OK);
  std::vector<float> before = s.logits();
  for (int32_t bad : {-1, int32_t(fake::vocab), INT32_MIN, INT32_MAX}) {
    std::vector<int32_t> wrong = tokens;
    wrong[9] = bad;
    EXPECT_EQ(ingot_session_prefill(s, wrong.data(), 10), INGOT_INVALID_TOKEN);
    EXPECT_EQ(ingot_session_decode(s, bad), INGOT_INVALID_TOKEN);
  }
  std::vector<int32_t> many = prompt(fake::context);
  EXPECT_EQ(ingot_session_prefill(s, many.data(), many.size()), INGOT_CONTEXT_FULL);
  EXPECT_EQ(ingot_session_prefill(s, many.data(), SIZE_MAX), INGOT_CONTEXT_FULL);
  EXPECT_EQ(ingot_session_prefill(s, many.data(), 0), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_prefill(s, nullptr, 3), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_prefill_logits(s, many.data(), 3, nullptr), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_position(s), 10u);
  EXPECT_EQ(s.logits(), before);
  EXPECT_EQ(s.tokens(), tokens);
}

TEST(Feed, TheCallersFloatModeStaysAndDoesNotMatter) {
  std::vector<int32_t> tokens = prompt(70);
  std::vector<float> expected = expectedLogits(tokens);
  for (uint32_t threads : {1, 2})
    for (int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
      ASSERT_EQ(std::fesetround(mode), 0);
      Session s(threads);
      ingot_status status = ingot_session_prefill(s, tokens.data(), tokens.size());
      int after = std::fegetround();
      std::fesetround(FE_TONEAREST);
      ASSERT_EQ(status, INGOT_OK);
      EXPECT_EQ(after, mode);
      EXPECT_EQ(s.logits(), row(expected, 69));
    }
}

} // namespace
