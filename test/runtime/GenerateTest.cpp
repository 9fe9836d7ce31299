// Generation: why it stops, what it leaves behind, and that drafting never changes it.
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using fake::prompt;
using fake::Session;

ingot_generate_options greedy(uint32_t count) {
  ingot_generate_options o = {};
  o.size = sizeof o;
  o.max_tokens = count;
  o.ignore_eos = 1;
  return o;
}

struct Outcome {
  std::vector<int32_t> tokens;
  std::vector<float> logits;
  ingot_generate_result result = {};
};

Outcome generate(ingot_generate_options o, uint32_t sessionLookup, size_t promptTokens = 20,
                 uint32_t threads = 1) {
  Outcome out;
  out.result.size = sizeof out.result;
  o.result = &out.result;
  Session s(threads, 0, sessionLookup);
  std::vector<int32_t> ids = prompt(promptTokens);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  out.tokens = s.generate(o);
  out.logits = s.logits();
  ids.insert(ids.end(), out.tokens.begin(), out.tokens.end());
  EXPECT_EQ(s.tokens(), ids); // every reported token was fed
  return out;
}

TEST(Generate, GreedyIsTheLargestLogitEachTime) {
  Session s;
  std::vector<int32_t> ids = prompt(20), expected;
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  for (int i = 0; i < 60; ++i) {
    std::vector<float> logits = s.logits();
    expected.push_back(int32_t(std::max_element(logits.begin(), logits.end()) - logits.begin()));
    ASSERT_EQ(ingot_session_decode(s, expected.back()), INGOT_OK);
  }
  Outcome out = generate(greedy(60), 0);
  EXPECT_EQ(out.tokens, expected);
  EXPECT_EQ(out.logits, s.logits());
  EXPECT_EQ(out.result.stop, uint32_t(INGOT_STOP_COUNT));
  EXPECT_EQ(out.result.tokens, 60u);
  EXPECT_EQ(out.result.steps, 60u);
  EXPECT_EQ(out.result.end_token, -1);
}

TEST(Generate, LookupChangesNothingButTheNumberOfSteps) {
  uint64_t accepted = 0, rejected = 0;
  for (float temperature : {0.0f, 0.3f, 1.0f, 3.0f})
    for (float penalty : {0.0f, 1.3f})
      for (uint32_t seed : {1, 2, 3})
        for (uint32_t count : {1, 2, 50, 0}) { // 0: to the end of the context
          ingot_generate_options o = greedy(count);
          o.temperature = temperature;
          o.repeat_penalty = penalty;
          o.top_k = seed == 2 ? 20 : 0;
          o.top_p = seed == 3 ? 0.9f : 0;
          o.seed = seed;
          Outcome plain = generate(o, 0);
          for (uint32_t lookup : {1, 3, 8, 31}) {
            o.lookup = lookup;
            Outcome drafted = generate(o, lookup, 20, lookup == 3 ? 2 : 1);
            EXPECT_EQ(drafted.tokens, plain.tokens);
            EXPECT_EQ(drafted.logits, plain.logits);
            EXPECT_EQ(drafted.result.stop, plain.result.stop);
            EXPECT_EQ(drafted.result.steps + drafted.result.accepted, plain.result.steps);
            accepted += drafted.result.accepted;
            rejected += drafted.result.drafted - drafted.result.accepted;
          }
        }
  EXPECT_GT(accepted, 1000u); // or the test would say nothing
  EXPECT_GT(rejected, 1000u);
  EXPECT_EQ(fake::seen.violations, 0u);
}

TEST(Generate, DraftsEndWhereTheTextEnds) {
  Session looping(1, 0, 8);
  ASSERT_EQ(ingot_session_decode(looping, 1), INGOT_OK);
  ingot_generate_result result = {};
  result.size = sizeof result;
  ingot_generate_options o = greedy(100);
  o.lookup = 8;
  o.result = &result;
  looping.generate(o);
  EXPECT_GT(result.accepted, 10u); // so from here on there is something to draft
  uint64_t drafted = 0;
  for (o.max_tokens = 1; o.max_tokens <= 4; ++o.max_tokens)
    for (int i = 0; i < 5; ++i) {
      looping.generate(o);
      EXPECT_LE(result.drafted, result.steps * (o.max_tokens - 1)); // no more than are wanted
      drafted += result.drafted;
    }
  EXPECT_GT(drafted, 0u);

  ingot_session_options options = {}; // a context of whole blocks: no room behind its end
  options.threads = 1;
  options.context = 128;
  options.max_lookup = 31;
  Session s(options);
  std::vector<int32_t> ids = prompt(20);
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  o = greedy(0);
  o.lookup = 31;
  EXPECT_EQ(s.generate(o).size(), 108u);
  EXPECT_EQ(fake::seen.violations, 0u);
}

TEST(Generate, StopsAtTheEndOfTheContext) {
  Outcome out = generate(greedy(0), 0, 20);
  EXPECT_EQ(out.tokens.size(), fake::context - 20u);
  EXPECT_EQ(out.result.stop, uint32_t(INGOT_STOP_CONTEXT));
  Outcome full = generate(greedy(5), 0, fake::context);
  EXPECT_EQ(full.tokens.size(), 0u);
  EXPECT_EQ(full.result.stop, uint32_t(INGOT_STOP_CONTEXT));
}

TEST(Generate, StopsAtAnEndToken) {
  ingot_generate_options o = greedy(0);
  o.temperature = 5;
  bool met = false;
  for (o.seed = 0; o.seed < 20 && !met; ++o.seed) {
    o.ignore_eos = 1;
    Outcome all = generate(o, 0);
    o.ignore_eos = 0;
    Outcome cut = generate(o, 0);
    auto end = std::find_if(all.tokens.begin(), all.tokens.end(),
                            [](int32_t t) { return ingot_model_is_eos(fake::model(), t); });
    if (end == all.tokens.end())
      continue;
    met = true;
    EXPECT_EQ(cut.tokens, std::vector<int32_t>(all.tokens.begin(), end)); // not reported, not fed
    EXPECT_EQ(cut.result.stop, uint32_t(INGOT_STOP_EOS));
    EXPECT_EQ(cut.result.end_token, *end);
  }
  EXPECT_TRUE(met);
}

TEST(Generate, TwoCallsContinueAsOne) {
  for (uint32_t lookup : {0, 4}) {
    ingot_generate_options o = greedy(80);
    o.temperature = 0.8f;
    o.seed = 11;
    o.lookup = lookup;
    Outcome whole = generate(o, lookup);
    Session s(1, 0, lookup);
    std::vector<int32_t> ids = prompt(20), parts;
    ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
    for (uint32_t count : {1, 29, 50}) {
      o.max_tokens = count;
      std::vector<int32_t> part = s.generate(o);
      parts.insert(parts.end(), part.begin(), part.end());
    }
    EXPECT_EQ(parts, whole.tokens);
  }
}

TEST(Generate, TheCallbackStopsAndIsShutOut) {
  struct Probe {
    ingot_session *session;
    std::vector<ingot_status> statuses;
    int calls = 0;
    bool logitsChoseIt = true;
  };
  for (uint32_t lookup : {0, 8}) {
    Session s(2, 0, lookup);
    std::vector<int32_t> ids = prompt(20);
    ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
    Probe probe = {s, {}, 0, true};
    ingot_generate_result result = {};
    result.size = sizeof result;
    ingot_generate_options o = greedy(0);
    o.lookup = lookup;
    o.result = &result;
    auto callback = [](void *user, int32_t token) {
      Probe &p = *static_cast<Probe *>(user);
      p.statuses = {
          ingot_session_decode(p.session, 1), ingot_session_rewind(p.session, 0),
          ingot_session_generate(p.session, nullptr, nullptr, nullptr),
          ingot_session_save(p.session, [](void *, const void *, size_t) { return 0; }, nullptr)};
      const float *logits = nullptr;
      EXPECT_EQ(ingot_session_logits(p.session, &logits, nullptr), INGOT_OK);
      p.logitsChoseIt &= logits[token] == *std::max_element(logits, logits + fake::vocab);
      EXPECT_EQ(ingot_session_position(p.session), 20u + size_t(p.calls));
      return ++p.calls == 33 ? 1 : 0;
    };
    ASSERT_EQ(ingot_session_generate(s, &o, callback, &probe), INGOT_OK);
    EXPECT_EQ(probe.calls, 33);
    EXPECT_TRUE(probe.logitsChoseIt);
    for (ingot_status status : probe.statuses)
      EXPECT_EQ(status, INGOT_BUSY);
    EXPECT_EQ(result.stop, uint32_t(INGOT_STOP_CALLBACK));
    EXPECT_EQ(ingot_session_position(s), 20u + 33u);
  }
}

TEST(Generate, OptionsAreChecked) {
  Session s(1, 0, 4);
  EXPECT_EQ(ingot_session_generate(s, nullptr, nullptr, nullptr), INGOT_NO_LOGITS);
  ASSERT_EQ(ingot_session_decode(s, 3), INGOT_OK);
  auto with = [&](auto edit) {
    ingot_generate_options o = greedy(1);
    edit(o);
    return ingot_session_generate(s, &o, nullptr, nullptr);
  };
  EXPECT_EQ(with([](auto &) {}), INGOT_OK);
  for (float bad : {-0.1f, NAN, INFINITY}) {
    EXPECT_EQ(with([=](auto &o) { o.temperature = bad; }), INGOT_INVALID_ARGUMENT);
    EXPECT_EQ(with([=](auto &o) { o.top_p = bad; }), INGOT_INVALID_ARGUMENT);
    EXPECT_EQ(with([=](auto &o) { o.min_p = bad; }), INGOT_INVALID_ARGUMENT);
    EXPECT_EQ(with([=](auto &o) { o.repeat_penalty = bad; }), INGOT_INVALID_ARGUMENT);
  }
  EXPECT_EQ(with([](auto &o) { o.top_p = 1.5f; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &o) { o.lookup = 5; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &o) { o.ignore_eos = 2; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(with([](auto &o) { o.size = 2; }), INGOT_INVALID_ARGUMENT);
  ingot_generate_result sizeless = {};
  EXPECT_EQ(with([&](auto &o) { o.result = &sizeless; }), INGOT_INVALID_ARGUMENT);
  EXPECT_EQ(ingot_session_position(s), 2u);
  ASSERT_EQ(ingot_session_rewind(s, 0), INGOT_OK);
  EXPECT_EQ(with([](auto &) {}), INGOT_NO_LOGITS);
}

} // namespace
