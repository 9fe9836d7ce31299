// The sampler against its definition in ingot.h, written down a second time and slowly.
#include "runtime/src/Sampler.h"
#include "runtime/src/Exp.h"
#include "runtime/src/Lookup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <vector>

namespace {

using namespace ingot;

constexpr SamplerOptions plain = {1, 0, 1, 0, 1, 64, 7};

struct Scratch {
  explicit Scratch(size_t vocab) : candidates(vocab), seen(vocab / 8 + 1) {}
  std::vector<Candidate> candidates;
  std::vector<uint8_t> seen;
  SamplerScratch get() { return {candidates.data(), seen.data()}; }
};

int32_t choose(const std::vector<float> &logits, const SamplerOptions &options,
               uint32_t position = 0, std::vector<int32_t> tokens = {}) {
  Scratch scratch(logits.size());
  tokens.resize(std::max<size_t>(tokens.size(), position));
  int32_t id = chooseToken(logits.data(), uint32_t(logits.size()), options, tokens.data(), position,
                           scratch.get());
  for (uint8_t byte : scratch.seen)
    EXPECT_EQ(byte, 0); // zero between calls
  return id;
}

std::vector<float> randomLogits(size_t count, uint32_t seed, float spread = 3) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> logits(count);
  for (float &x : logits)
    x = normal(random);
  return logits;
}

// Which ids may come out, by sorting everything.
std::set<int32_t> allowed(const std::vector<float> &logits, const SamplerOptions &o) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::sort(ids.begin(), ids.end(), [&](int32_t a, int32_t b) {
    float x = logits[size_t(a)], y = logits[size_t(b)];
    return x > y || (x == y && a < b);
  });
  double first = logits[size_t(ids[0])];
  if (o.topK != 0 && o.topK < ids.size())
    ids.resize(o.topK);
  auto relative = [&](int32_t id) { return std::exp(double(logits[size_t(id)]) - first); };
  double total = 0, sum = 0;
  for (int32_t id : ids)
    total += relative(id);
  std::set<int32_t> out;
  for (int32_t id : ids) {
    if (o.topP < 1 && sum >= double(o.topP) * total)
      break;
    sum += relative(id);
    if (relative(id) >= double(o.minP))
      out.insert(id);
  }
  return out;
}

TEST(Exp, AgreesWithTheLibrary) {
  EXPECT_EQ(expNonPositive(0.0), 1.0);
  EXPECT_EQ(expNonPositive(-701.0), 0.0);
  EXPECT_EQ(expNonPositive(-INFINITY), 0.0);
  for (double x = -699.9; x <= 0; x += 0.0137)
    EXPECT_NEAR(expNonPositive(x) / std::exp(x), 1.0, 1e-15) << x;
}

TEST(Sampler, GreedyTakesTheLowestOfEquals) {
  SamplerOptions o = plain;
  o.temperature = 0;
  std::vector<float> logits(40, -1.0f);
  logits[13] = logits[21] = 2;
  EXPECT_EQ(choose(logits, o), 13);
  logits[5] = NAN;
  EXPECT_EQ(choose(logits, o), 13);
  logits[39] = INFINITY;
  EXPECT_EQ(choose(logits, o), 39);
  EXPECT_EQ(choose(std::vector<float>(9, NAN), o), 0);
  EXPECT_EQ(choose(std::vector<float>(9, -INFINITY), o), 0);
  for (size_t size : {1, 2, 7, 8, 9, 17})
    for (uint32_t seed = 0; seed < 50; ++seed) {
      std::vector<float> random = randomLogits(size, seed);
      EXPECT_EQ(choose(random, o), std::max_element(random.begin(), random.end()) - random.begin());
    }
}

TEST(Sampler, BadNumbersNeverComeOut) {
  for (uint32_t position = 0; position < 500; ++position) {
    std::vector<float> logits(30, -INFINITY);
    logits[3] = NAN, logits[7] = 1, logits[9] = 0.5f;
    int32_t id = choose(logits, plain, position);
    EXPECT_TRUE(id == 7 || id == 9);
    logits[20] = INFINITY;
    EXPECT_EQ(choose(logits, plain, position), 20);
    EXPECT_EQ(choose(std::vector<float>(30, NAN), plain, position), 0);
  }
}

TEST(Sampler, FiltersKeepWhatTheDefinitionKeeps) {
  for (uint32_t seed = 0; seed < 12; ++seed)
    for (uint32_t topK : {0, 1, 5, 40, 99, 100, 5000})
      for (float topP : {0.05f, 0.5f, 0.95f, 1.0f})
        for (float minP : {0.0f, 0.05f, 1.0f}) {
          SamplerOptions o = {4, topK, topP, minP, 1, 64, seed};
          std::vector<float> logits = randomLogits(100, seed);
          logits[50] = logits[51] = logits[52]; // ties
          std::set<int32_t> expected = allowed(logits, o), found;
          for (uint32_t position = 0; position < 300; ++position)
            found.insert(choose(logits, o, position));
          EXPECT_TRUE(std::includes(expected.begin(), expected.end(), found.begin(), found.end()))
              << topK << " " << topP << " " << minP;
          if (expected.size() <= 3)
            EXPECT_EQ(found, expected);
        }
}

// Chi-square over 20 outcomes: 19 degrees of freedom, 99.99 % of honest samplers stay below 52.
TEST(Sampler, DrawsWithTheRightProbabilities) {
  for (float temperature : {0.5f, 1.0f, 2.0f})
    for (uint32_t topK : {0, 20}) {
      std::vector<float> logits = randomLogits(20, 5, 1);
      SamplerOptions o = plain;
      o.temperature = temperature;
      o.topK = topK;
      double total = 0;
      std::vector<double> p(20), count(20, 0);
      for (size_t i = 0; i < 20; ++i)
        total += p[i] = std::exp(double(logits[i]) / temperature);
      constexpr int draws = 20000;
      Scratch scratch(20);
      std::vector<int32_t> tokens(draws);
      for (uint32_t position = 0; position < draws; ++position)
        ++count[size_t(chooseToken(logits.data(), 20, o, tokens.data(), position, scratch.get()))];
      double chi = 0;
      for (size_t i = 0; i < 20; ++i) {
        double expected = draws * p[i] / total;
        chi += (count[i] - expected) * (count[i] - expected) / expected;
      }
      EXPECT_LT(chi, 52) << "temperature " << temperature;
      EXPECT_GT(chi, 1); // too good to be drawn
    }
}

TEST(Sampler, SeedAndPositionDecide) {
  std::vector<float> logits = randomLogits(1000, 3, 0.1f);
  std::set<int32_t> bySeed, byPosition;
  for (uint32_t i = 0; i < 100; ++i) {
    SamplerOptions o = plain;
    byPosition.insert(choose(logits, o, i));
    EXPECT_EQ(choose(logits, o, i), choose(logits, o, i));
    o.seed = i;
    bySeed.insert(choose(logits, o, 50));
  }
  EXPECT_GT(bySeed.size(), 80u);
  EXPECT_GT(byPosition.size(), 80u);
}

TEST(Sampler, RepeatPenalty) {
  SamplerOptions o = plain;
  o.temperature = 0;
  o.repeatPenalty = 2;
  o.repeatWindow = 3;
  std::vector<float> logits = {-0.5f, 4, 3, 1.9f, -1};
  EXPECT_EQ(choose(logits, o, 0), 1);
  EXPECT_EQ(choose(logits, o, 1, {1}), 2);          // 4 / 2 < 3
  EXPECT_EQ(choose(logits, o, 3, {1, 2, 1}), 1);    // once each: 2, 1.5, against 1.9
  EXPECT_EQ(choose(logits, o, 4, {1, 0, 0, 0}), 1); // out of the window
  EXPECT_EQ(choose({-1, -1.5f}, o, 1, {0}), 1);     // below zero it multiplies
  o.repeatPenalty = 0.5f;                           // a reward
  EXPECT_EQ(choose(logits, o, 1, {2}), 2);
}

// What a drafter drafts first.
std::vector<int32_t> draft(std::vector<int32_t> tokens, uint32_t limit, Drafter drafter = {}) {
  uint32_t count = uint32_t(tokens.size());
  tokens.resize(count + limit, -7);
  uint32_t drafted = drafter.draft(tokens.data(), count, limit);
  return std::vector<int32_t>(tokens.begin() + count, tokens.begin() + count + drafted);
}

TEST(Lookup, ContinuesTheLatestLongestMatch) {
  using V = std::vector<int32_t>;
  EXPECT_EQ(draft({}, 4), V());
  EXPECT_EQ(draft({1}, 4), V());
  EXPECT_EQ(draft({1, 2, 3, 4}, 4), V());
  EXPECT_EQ(draft({1, 2, 3, 1}, 4), V()); // one token is no match
  EXPECT_EQ(draft({5, 1, 2, 9, 8, 1, 2}, 2), (V{9, 8}));
  EXPECT_EQ(draft({1, 2, 9, 1, 2, 7, 3, 1, 2}, 1), (V{7}));       // the latest
  EXPECT_EQ(draft({4, 1, 2, 9, 0, 1, 2, 7, 4, 1, 2}, 1), (V{9})); // the longest
  EXPECT_EQ(draft({8, 1, 2, 1, 2}, 3), (V{1, 2, 1}));             // a loop goes on
  EXPECT_EQ(draft({6, 6, 6}, 3), (V{6, 6, 6}));
  EXPECT_EQ(draft({1, 2, 1, 2}, 0), V());
  EXPECT_EQ(draft({9, 1, 2, 3, 4, 5, 6, 7, 8, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 6, //
                   9, 1, 2, 3, 4, 5, 6, 7, 8},
                  1),
            (V{6})); // long enough is enough: the latest
}

TEST(Lookup, DraftsGrowWhileTheyAreRight) {
  const std::vector<int32_t> loop(10, 6);
  auto length = [&](const Drafter &drafter, uint32_t limit = 64) {
    return draft(loop, limit, drafter).size();
  };
  Drafter drafter;
  for (size_t expected : {3, 7, 15, 31, 63, 63}) {
    EXPECT_EQ(length(drafter), expected);
    drafter.judge(uint32_t(expected), uint32_t(expected));
  }
  EXPECT_EQ(length(drafter, 5), 5u); // as it was asked for
  drafter.judge(63, 13);
  EXPECT_EQ(length(drafter), 15u); // 13 were right: a step of 16 rows
  drafter.judge(15, 2);
  EXPECT_EQ(length(drafter), 3u);
  drafter.judge(0, 0); // nothing was drafted, so nothing is learnt
  EXPECT_EQ(length(drafter), 3u);
}

TEST(Lookup, UselessDraftsBecomeRare) {
  std::vector<int32_t> loop(1010, 6);
  Drafter drafter;
  uint32_t drafts = 0;
  for (int step = 0; step < 1000; ++step) {
    uint32_t drafted = drafter.draft(loop.data(), 10, 8);
    drafts += drafted > 0;
    drafter.judge(drafted, 0);
  }
  EXPECT_LE(drafts, 1 + 5 + 1000 / 33u + 1); // pauses of 1, 2, 4, 8, 16, then 32 each
  EXPECT_GT(drafts, 20u);                    // but it never gives up

  // One that is right ends the pauses.
  uint32_t drafted = 0;
  while (drafted == 0)
    drafted = drafter.draft(loop.data(), 10, 8);
  drafter.judge(drafted, drafted);
  EXPECT_GT(drafter.draft(loop.data(), 10, 8), 0u);
  drafter.judge(3, 0);
  EXPECT_EQ(drafter.draft(loop.data(), 10, 8), 0u);
  EXPECT_GT(drafter.draft(loop.data(), 10, 8), 0u);
}

} // namespace
