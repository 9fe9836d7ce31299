// Saved state: it goes on bit for bit, and no damage to it goes unnoticed.
#include "runtime/src/Sha256.h"
#include "test/runtime/FakeModel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>

namespace {

using fake::prompt;
using fake::Session;
using Bytes = std::vector<uint8_t>;

struct Reader {
  const Bytes *from;
  size_t at = 0;
};

ingot_status save(const Session &s, Bytes &out) {
  return ingot_session_save(
      s,
      [](void *user, const void *data, size_t bytes) {
        Bytes &to = *static_cast<Bytes *>(user);
        const uint8_t *p = static_cast<const uint8_t *>(data);
        to.insert(to.end(), p, p + bytes);
        return 0;
      },
      &out);
}
ingot_status load(const Session &s, const Bytes &in) {
  Reader reader = {&in};
  return ingot_session_load(
      s,
      [](void *user, void *data, size_t bytes) {
        Reader &r = *static_cast<Reader *>(user);
        if (r.from->size() - r.at < bytes)
          return 1;
        std::memcpy(data, r.from->data() + r.at, bytes);
        r.at += bytes;
        return 0;
      },
      &reader);
}

// What a session says and how it goes on.
struct Future {
  std::vector<int32_t> tokens;
  std::vector<float> logits;
  bool operator==(const Future &) const = default;
};
Future future(Session &s) {
  ingot_generate_options o = {};
  o.max_tokens = 30;
  o.temperature = 1;
  o.seed = 4;
  o.ignore_eos = 1;
  s.generate(o);
  return {s.tokens(), s.logits()};
}

Bytes savedAfter(size_t count, const ingot_model *model = fake::model()) {
  Session s(1, 0, 0, model);
  std::vector<int32_t> ids = prompt(count);
  EXPECT_EQ(ingot_session_prefill(s, ids.data(), count), INGOT_OK);
  Bytes bytes;
  EXPECT_EQ(save(s, bytes), INGOT_OK);
  return bytes;
}

void expectEmptyAndUsable(Session &s) {
  EXPECT_EQ(ingot_session_position(s), 0u);
  const float *logits = nullptr;
  EXPECT_EQ(ingot_session_logits(s, &logits, nullptr), INGOT_NO_LOGITS);
  Session fresh;
  std::vector<int32_t> ids = prompt(100, 3);
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  ASSERT_EQ(ingot_session_prefill(fresh, ids.data(), ids.size()), INGOT_OK);
  EXPECT_EQ(s.logits(), fresh.logits());
}

TEST(State, RoundTrip) {
  for (const ingot_model *model : {fake::model(), fake::wholeModel()})
    for (size_t count : {1, 63, 64, 65, 150}) {
      Session original(1, 0, 0, model), loaded(3, 5, 4, model);
      std::vector<int32_t> ids = prompt(count), other = prompt(170, 8);
      ASSERT_EQ(ingot_session_prefill(original, ids.data(), count), INGOT_OK);
      ASSERT_EQ(ingot_session_prefill(loaded, other.data(), other.size()), INGOT_OK);
      Bytes bytes;
      ASSERT_EQ(save(original, bytes), INGOT_OK);
      ASSERT_EQ(load(loaded, bytes), INGOT_OK);
      EXPECT_EQ(loaded.tokens(), ids);
      EXPECT_EQ(loaded.logits(), original.logits());
      Bytes again;
      ASSERT_EQ(save(loaded, again), INGOT_OK);
      EXPECT_EQ(again, bytes);
      EXPECT_EQ(future(loaded), future(original));
    }
}

TEST(State, EmptyAndWithoutLogits) {
  Session empty, s;
  Bytes bytes;
  ASSERT_EQ(save(empty, bytes), INGOT_OK);
  EXPECT_EQ(bytes.size(), 72u + 32u);
  ASSERT_EQ(ingot_session_decode(s, 1), INGOT_OK);
  ASSERT_EQ(load(s, bytes), INGOT_OK);
  EXPECT_EQ(ingot_session_position(s), 0u);

  std::vector<int32_t> ids = prompt(80);
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), 80), INGOT_OK);
  ASSERT_EQ(ingot_session_rewind(s, 70), INGOT_OK);
  Bytes rewound;
  ASSERT_EQ(save(s, rewound), INGOT_OK);
  ASSERT_EQ(load(empty, rewound), INGOT_OK);
  EXPECT_EQ(ingot_session_position(empty), 70u);
  const float *logits = nullptr;
  EXPECT_EQ(ingot_session_logits(empty, &logits, nullptr), INGOT_NO_LOGITS);
  ASSERT_EQ(ingot_session_decode(empty, 9), INGOT_OK);
  ASSERT_EQ(ingot_session_decode(s, 9), INGOT_OK);
  EXPECT_EQ(empty.logits(), s.logits());
}

TEST(State, OnlyUsedBlocksAreSaved) {
  size_t two = savedAfter(65).size(), three = savedAfter(129).size();
  EXPECT_EQ(three - two, 64 * sizeof(int32_t) + 64 * fake::streams * sizeof(float));
  EXPECT_EQ(savedAfter(66).size() - two, sizeof(int32_t));
}

TEST(State, AnotherContextSize) {
  Bytes bytes = savedAfter(100);
  ingot_session_options o = {};
  o.threads = 1;
  o.context = 130;
  Session fits(o), original;
  ASSERT_EQ(load(fits, bytes), INGOT_OK);
  std::vector<int32_t> ids = prompt(100);
  ASSERT_EQ(ingot_session_prefill(original, ids.data(), ids.size()), INGOT_OK);
  EXPECT_EQ(future(fits), future(original));
  o.context = 99;
  Session tooSmall(o);
  EXPECT_EQ(load(tooSmall, bytes), INGOT_CONTEXT_FULL);
  EXPECT_EQ(ingot_session_position(tooSmall), 0u);
}

TEST(State, OfAnotherModel) {
  Bytes bytes = savedAfter(10);
  for (const ingot_model *model : {fake::otherModel(), fake::wholeModel()}) {
    Session s(1, 0, 0, model);
    EXPECT_EQ(load(s, bytes), INGOT_BAD_STATE_MODEL);
    expectEmptyAndUsable(s);
  }
}

TEST(State, EveryTruncationIsAnError) {
  Bytes bytes = savedAfter(70);
  Session s;
  for (size_t length = 0; length < bytes.size(); ++length) {
    Bytes cut(bytes.begin(), bytes.begin() + long(length));
    ASSERT_EQ(load(s, cut), INGOT_IO_ERROR) << length;
    ASSERT_EQ(ingot_session_position(s), 0u);
  }
  expectEmptyAndUsable(s);
}

TEST(State, EveryBitFlipIsNoticed) {
  Bytes bytes = savedAfter(70);
  Session s;
  std::mt19937 random(1);
  auto flip = [&](size_t bit) {
    Bytes bad = bytes;
    bad[bit / 8] ^= uint8_t(1u << (bit % 8));
    ingot_status status = load(s, bad);
    EXPECT_NE(status, INGOT_OK) << "bit " << bit;
    EXPECT_EQ(ingot_session_position(s), 0u);
    EXPECT_NE(ingot_status_string(status), nullptr);
  };
  for (size_t bit = 0; bit < 72 * 8; ++bit) // the header
    flip(bit);
  for (int i = 0; i < 4000; ++i)
    flip(random() % (bytes.size() * 8));
  expectEmptyAndUsable(s);
}

// A forged state has a correct checksum; its sizes still lead nowhere and its tokens are still
// checked.
TEST(State, ForgedHeaderFields) {
  Bytes bytes = savedAfter(70);
  Session s;
  for (size_t field : {48, 52, 56, 60, 64, 68})
    for (uint32_t value : {0u, 1u, 2u, 71u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
      Bytes bad = bytes;
      uint32_t before;
      std::memcpy(&before, &bad[field], 4);
      if (before == value)
        continue;
      std::memcpy(&bad[field], &value, 4);
      EXPECT_NE(load(s, bad), INGOT_OK) << field << " = " << value;
      EXPECT_EQ(ingot_session_position(s), 0u);
    }
  expectEmptyAndUsable(s);
}

TEST(State, ForgedTokens) {
  Bytes bytes = savedAfter(70);
  bytes.resize(bytes.size() - 32);
  auto signedLoad = [&](Session &s, int32_t token) {
    Bytes forged = bytes;
    std::memcpy(&forged[72 + 69 * sizeof token], &token, sizeof token);
    ingot::Sha256 hash;
    uint64_t digest[4];
    hash.update(forged.data(), forged.size());
    hash.finish(digest);
    const uint8_t *d = reinterpret_cast<const uint8_t *>(digest);
    forged.insert(forged.end(), d, d + 32);
    return load(s, forged);
  };
  Session s;
  for (int32_t token : {-1, INT32_MIN, int32_t(fake::vocab), INT32_MAX})
    EXPECT_EQ(signedLoad(s, token), INGOT_BAD_STATE_FORMAT);
  expectEmptyAndUsable(s);
  EXPECT_EQ(signedLoad(s, fake::vocab - 1), INGOT_OK); // the forgery itself is well made
}

// A failed load leaves bit patterns in the cache that are no numbers; the next text must not meet
// them.
TEST(State, DamagedCacheIsCleared) {
  for (const ingot_model *model : {fake::model(), fake::wholeModel()}) {
    Bytes bytes = savedAfter(70, model);
    std::fill(bytes.begin() + 72 + 70 * 4 + fake::vocab * 4, bytes.end(), 0xff);
    Session s(1, 0, 0, model);
    EXPECT_EQ(load(s, bytes), INGOT_BAD_STATE_CHECKSUM);
    expectEmptyAndUsable(s);
  }
}

// In memory of the caller what was loaded counts as clean: going on must not clear it.
TEST(State, LoadedIntoMemoryOfTheCaller) {
  Bytes bytes = savedAfter(70);
  ingot_session_options o = {};
  o.threads = 1;
  size_t size = 0, alignment = 0;
  ASSERT_EQ(ingot_session_size(fake::model(), &o, &size, &alignment), INGOT_OK);
  std::vector<uint8_t> memory(size + alignment, 0xff);
  void *at = memory.data();
  size_t room = memory.size();
  ASSERT_NE(std::align(alignment, size, at, room), nullptr);
  Session original, loaded;
  ingot_session_destroy(loaded.get);
  ASSERT_EQ(ingot_session_create(fake::model(), &o, at, size, &loaded.get), INGOT_OK);
  ASSERT_EQ(load(loaded, bytes), INGOT_OK);
  ASSERT_EQ(load(original, bytes), INGOT_OK);
  EXPECT_EQ(future(loaded), future(original));
}

TEST(State, CallbacksThatFail) {
  Session s(2);
  std::vector<int32_t> ids = prompt(100);
  ASSERT_EQ(ingot_session_prefill(s, ids.data(), ids.size()), INGOT_OK);
  std::vector<float> before = s.logits();
  int calls = 0;
  do {
    struct Countdown {
      int left, made;
    } countdown = {calls, 0};
    ingot_status status = ingot_session_save(
        s,
        [](void *user, const void *, size_t) {
          Countdown &c = *static_cast<Countdown *>(user);
          ++c.made;
          return c.left-- == 0 ? 1 : 0;
        },
        &countdown);
    EXPECT_EQ(status, countdown.left < 0 ? INGOT_IO_ERROR : INGOT_OK);
    if (status == INGOT_OK)
      break;
    EXPECT_EQ(countdown.made, calls + 1); // nothing is written behind a failure
  } while (++calls < 100);
  EXPECT_GT(calls, 3);
  EXPECT_LT(calls, 100);
  EXPECT_EQ(s.logits(), before);
}

} // namespace
