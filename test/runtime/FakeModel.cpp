#include "test/runtime/FakeModel.h"

#include "runtime/src/Sha256.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

namespace fake {

Observations seen;

namespace {

constexpr uint32_t kvBytesPerPosition = streams * sizeof(float);
constexpr size_t imageBytes = 3 * 4096;
alignas(4096) uint8_t image[imageBytes];

uint32_t mix(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}
uint32_t bits(float x) {
  uint32_t b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}

float &kvAt(const ingot_step &step, uint32_t stream, uint32_t position) {
  float *kv = reinterpret_cast<float *>(step.kv);
  return kv[static_cast<size_t>(stream) * step.kv_capacity + position];
}

// arena: float keys[rows][streams], then float states[rows][streams]
template <uint32_t MaxRows> void entry(const ingot_step *step, uint32_t thread, uint32_t threads) {
  uint32_t rows = step->rows;
  bool sane = rows >= 1 && rows <= MaxRows && step->kv_capacity % 64 == 0 &&
              step->position + rows <= step->kv_capacity && step->first_logits_row <= rows &&
              reinterpret_cast<uintptr_t>(step->arena) % 64 == 0 &&
              reinterpret_cast<uintptr_t>(step->scratch) % 64 == 0;
  for (uint32_t r = 0; r < rows; ++r)
    sane = sane && step->tokens[r] >= 0 && step->tokens[r] < int32_t(vocab);
  if (!sane) {
    ++seen.violations;
    return;
  }
  if (thread == 0) {
    ++seen.steps;
    if (rows > seen.mostRows)
      seen.mostRows = rows;
    if (uint32_t delay = seen.delayMicroseconds)
      std::this_thread::sleep_for(std::chrono::microseconds(delay));
  }
  float *keys = reinterpret_cast<float *>(step->arena);
  float *states = keys + MaxRows * streams;
  uint8_t *own = step->scratch + thread * 64;
  std::memset(own, static_cast<int>(thread + 1), 64);

  ingot_range share = ingot_share(int32_t(rows * streams), thread, threads);
  for (int32_t i = share.begin; i < share.end; ++i) {
    uint32_t token = static_cast<uint32_t>(step->tokens[uint32_t(i) / streams]);
    keys[i] = 0.5f + step->weights[(token * streams + uint32_t(i) % streams) % imageBytes] / 256.0f;
  }
  step->barrier(step->team, thread);

  share = ingot_share(int32_t(streams), thread, threads);
  for (int32_t s = share.begin; s < share.end; ++s)
    for (uint32_t r = 0; r < rows; ++r)
      kvAt(*step, uint32_t(s), step->position + r) =
          keys[r * streams + uint32_t(s)] + float((step->position + r) % 7);
  step->barrier(step->team, thread);

  const int32_t items = int32_t(rows * streams);
  for (ingot_range part = ingot_part(items, thread, threads); part.begin < items;
       part = ingot_next_part(step, part, items, threads))
    for (int32_t i = part.begin; i < part.end; ++i) {
      uint32_t last = step->position + uint32_t(i) / streams;
      float sum = 0;
      for (uint32_t p = 0; p < (last / 64 + 1) * 64; ++p) // whole blocks, the rest masked
        sum = sum * 0.96875f * (p <= last ? 1.0f : 1.0f / 0.96875f) +
              kvAt(*step, uint32_t(i) % streams, p) * (p <= last ? 1.0f : 0.0f);
      states[i] = sum;
    }
  step->barrier(step->team, thread);

  share = ingot_share(int32_t(vocab), thread, threads);
  for (uint32_t r = step->first_logits_row; r < rows; ++r) {
    uint32_t hash = 1;
    for (uint32_t s = 0; s < streams; ++s)
      hash = mix(hash ^ bits(states[r * streams + s]));
    // A favourite successor makes the text run into loops, so that lookup has something to find.
    uint32_t favourite = (uint32_t(step->tokens[r]) * 7 + 3) % 16 + 40;
    for (int32_t v = share.begin; v < share.end; ++v)
      step->logits[size_t(r - step->first_logits_row) * vocab + uint32_t(v)] =
          float(mix(hash + uint32_t(v)) % 4096) / 512.0f + (uint32_t(v) == favourite ? 7.3f : 0.0f);
  }
  if (own[0] != uint8_t(thread + 1) || own[63] != uint8_t(thread + 1))
    ++seen.violations; // somebody else wrote into this thread's scratch
}

template <uint32_t MaxRows> constexpr ingot_entry entryFor() {
  return {entry<MaxRows>, MaxRows, 0, 2 * MaxRows * streams * sizeof(float), 64};
}
const ingot_entry entries[] = {entryFor<1>(), entryFor<8>(), entryFor<chunk>()};
const ingot_level levels[] = {{"wishful", [] { return 0; }, entries, 3, 0},
                              {"plain", [] { return 1; }, entries, 3, 0},
                              {"small", [] { return 1; }, entries, 2, 0}};
const int32_t eosTokens[] = {eos, 96};

ingot_model makeModel() {
  for (size_t i = 0; i < imageBytes; ++i)
    image[i] = uint8_t(mix(uint32_t(i) + 77));
  ingot_model m = {};
  m.abi_version = INGOT_ABI_VERSION;
  m.struct_bytes = sizeof m;
  m.name = "fake";
  m.target = "test";
  m.banner = "by hand";
  m.vocab_size = vocab;
  m.hidden_size = streams;
  m.block_count = 1;
  m.run_count = 2;
  m.max_context = context;
  m.kv_bytes_per_position = kvBytesPerPosition;
  m.weights_bytes = imageBytes;
  m.weights_read_per_token = streams;
  ingot::Sha256 hash;
  hash.update(image, imageBytes);
  hash.finish(m.weights_hash);
  m.weights = image;
  m.model_hash[0] = 42;
  m.levels = levels;
  m.level_count = 3;
  m.eos_count = 2;
  m.eos = eosTokens;
  m.bos = 1;
  m.kv_streams = streams;
  return m;
}

template <typename Edit> const ingot_model *edited(Edit edit) {
  static const ingot_model made = [&] {
    ingot_model m = makeModel();
    edit(m);
    return m;
  }();
  return &made;
}

ingot_session_options optionsFor(uint32_t threads, uint32_t chunk, uint32_t lookup) {
  ingot_session_options o = {};
  o.size = sizeof o;
  o.threads = threads;
  o.prefill_chunk = chunk;
  o.max_lookup = lookup;
  return o;
}

} // namespace

const ingot_model *model() {
  return edited([](ingot_model &) {});
}
const ingot_model *sidecarModel() {
  return edited([](ingot_model &m) { m.weights = nullptr; });
}
const ingot_model *wholeModel() {
  return edited([](ingot_model &m) { m.kv_streams = 0; });
}
const ingot_model *otherModel() {
  return edited([](ingot_model &m) { m.model_hash[3] = 1; });
}
const ingot_model *oldModel() {
  return edited([](ingot_model &m) { m.abi_version = INGOT_ABI_VERSION + 1; });
}
const ingot_model *alienModel() {
  return edited([](ingot_model &m) { m.level_count = 1; });
}
const ingot_model *hugeModel() {
  return edited([](ingot_model &m) {
    m.max_context = UINT32_MAX - 64;
    m.kv_bytes_per_position = UINT32_MAX;
  });
}
const ingot_model *endlessModel() {
  return edited([](ingot_model &m) { m.max_context = UINT32_MAX; });
}
const uint8_t *weights() { return image; }
size_t weightsBytes() { return imageBytes; }

Session::Session(uint32_t threads, uint32_t chunk, uint32_t lookup, const ingot_model *from)
    : Session(optionsFor(threads, chunk, lookup), from) {}
Session::Session(const ingot_session_options &options, const ingot_model *from) {
  created = ingot_session_create(from, &options, nullptr, 0, &get);
  EXPECT_EQ(created, INGOT_OK);
}

std::vector<float> Session::logits() const {
  const float *at = nullptr;
  size_t count = 0;
  EXPECT_EQ(ingot_session_logits(get, &at, &count), INGOT_OK);
  return {at, at + count};
}
std::vector<int32_t> Session::tokens() const {
  const int32_t *at = ingot_session_tokens(get);
  return {at, at + ingot_session_position(get)};
}
std::vector<int32_t> Session::generate(const ingot_generate_options &options) {
  std::vector<int32_t> out;
  EXPECT_EQ(ingot_session_generate(
                get, &options,
                [](void *user, int32_t token) {
                  static_cast<std::vector<int32_t> *>(user)->push_back(token);
                  return 0;
                },
                &out),
            INGOT_OK);
  return out;
}

std::vector<int32_t> prompt(size_t count, uint32_t seed) {
  std::vector<int32_t> ids(count);
  for (size_t i = 0; i < count; ++i)
    ids[i] = int32_t(mix(uint32_t(i) * 31 + seed) % vocab);
  return ids;
}

} // namespace fake
