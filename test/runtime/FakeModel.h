// A model written by hand against abi.h: tiny, deterministic, and nervous. Every logit is a hash of
// all that the KV cache holds, so one wrong, missing or stale value anywhere changes all of them;
// and like a real kernel it multiplies what it masks, so a bit pattern that is no number is noticed
// as well.
#ifndef INGOT_TEST_RUNTIME_FAKEMODEL_H
#define INGOT_TEST_RUNTIME_FAKEMODEL_H

#include "ingot/abi.h"
#include "ingot/ingot.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace fake {

constexpr uint32_t vocab = 97;
constexpr uint32_t context = 200; // not a multiple of 64
constexpr uint32_t streams = 6;
constexpr int32_t eos = 5;
constexpr uint32_t chunk = 32; // rows of the largest entry

// What the entries observed; they cannot fail a test themselves.
struct Observations {
  std::atomic<uint32_t> violations{0}; // of the promises in abi.h
  std::atomic<uint32_t> steps{0};
  std::atomic<uint32_t> mostRows{0};
  std::atomic<uint32_t> delayMicroseconds{0}; // input: how long a step takes
};
extern Observations seen;

const ingot_model *model();        // embedded weights, block-wise cache
const ingot_model *sidecarModel(); // the same, weights to be given
const ingot_model *wholeModel();   // the same, kv_streams 0: a cache without blocks
const ingot_model *otherModel();   // another model_hash
const ingot_model *oldModel();     // another abi_version
const ingot_model *alienModel();   // no usable level
const ingot_model *hugeModel();    // sizes beyond any address space
const ingot_model *endlessModel(); // a context that cannot be rounded up

const uint8_t *weights(); // the image, 4096-byte aligned
size_t weightsBytes();

// A session with the options that most tests vary; ends itself.
struct Session {
  Session(uint32_t threads = 1, uint32_t chunk = 0, uint32_t lookup = 0,
          const ingot_model *from = model());
  explicit Session(const ingot_session_options &options, const ingot_model *from = model());
  ~Session() { ingot_session_destroy(get); }
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  operator ingot_session *() const { return get; }

  std::vector<float> logits() const;
  std::vector<int32_t> tokens() const;
  // The tokens reported by a generation that must return INGOT_OK.
  std::vector<int32_t> generate(const ingot_generate_options &options);

  ingot_session *get = nullptr;
  ingot_status created;
};

std::vector<int32_t> prompt(size_t count, uint32_t seed = 1);

} // namespace fake
#endif
