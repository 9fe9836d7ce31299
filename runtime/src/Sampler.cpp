#include "runtime/src/Sampler.h"

#include "runtime/platform/Machine.h"
#include "runtime/src/Exp.h"

namespace ingot {

namespace {

constexpr float infinity = __builtin_inff();

float orMinusInfinity(float logit) noexcept { return logit != logit ? -infinity : logit; }

// Number `index` of the SplitMix64 sequence that starts at `seed`, as a fraction in [0, 1).
double drawFraction(uint64_t seed, uint64_t index) noexcept {
  uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

// The candidates that are left: a window that every filter narrows.
struct Candidates {
  Candidate *at;
  uint32_t count;
  float largest; // logit; finite

  // Probability relative to the most probable one.
  double relative(float logit) const noexcept {
    return expNonPositive(static_cast<double>(logit) - largest);
  }
};

bool isBetter(const Candidate &a, const Candidate &b) noexcept {
  return a.value > b.value || (a.value == b.value && a.id < b.id);
}
bool isWorse(const Candidate &a, const Candidate &b) noexcept { return isBetter(b, a); }

// Heap whose root is first under `Before`: sinks the element at `hole` to its place.
template <bool (*Before)(const Candidate &, const Candidate &)>
void sink(Candidate *heap, uint32_t count, uint32_t hole) noexcept {
  Candidate moved = heap[hole];
  for (uint32_t child; (child = 2 * hole + 1) < count; hole = child) {
    if (child + 1 < count && Before(heap[child + 1], heap[child]))
      ++child;
    if (!Before(heap[child], moved))
      break;
    heap[hole] = heap[child];
  }
  heap[hole] = moved;
}

template <bool (*Before)(const Candidate &, const Candidate &)>
void makeHeap(Candidate *heap, uint32_t count) noexcept {
  for (uint32_t i = count / 2; i-- > 0;)
    sink<Before>(heap, count, i);
}

// One pass over all with a heap of the best k so far, worst at the root: nearly every candidate is
// turned away by one comparison.
void keepTopK(Candidates &c, uint32_t k) noexcept {
  if (k == 0 || k >= c.count)
    return;
  makeHeap<isWorse>(c.at, k);
  for (uint32_t i = k; i < c.count; ++i)
    if (isBetter(c.at[i], c.at[0])) {
      c.at[0] = c.at[i];
      sink<isWorse>(c.at, k, 0);
    }
  c.count = k;
}

// Takes the best from a heap until their share of the sum is reached; they gather, best last, at
// the array's end.
void keepTopP(Candidates &c, float p) noexcept {
  if (p >= 1.0f)
    return;
  double total = 0;
  for (uint32_t i = 0; i < c.count; ++i)
    total += c.relative(c.at[i].value);
  makeHeap<isBetter>(c.at, c.count);
  double enough = static_cast<double>(p) * total, sum = 0;
  uint32_t left = c.count;
  do {
    Candidate best = c.at[0];
    c.at[0] = c.at[--left];
    sink<isBetter>(c.at, left, 0);
    c.at[left] = best;
    sum += c.relative(best.value);
  } while (sum < enough && left > 0);
  c.at += left;
  c.count -= left;
}

void keepMinP(Candidates &c, float minP) noexcept {
  if (minP <= 0.0f)
    return;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < c.count; ++i)
    if (c.relative(c.at[i].value) >= static_cast<double>(minP))
      c.at[kept++] = c.at[i];
  c.count = kept; // at least the largest: 1 >= minP
}

int32_t draw(Candidates &c, float temperature, double fraction) noexcept {
  double total = 0;
  for (uint32_t i = 0; i < c.count; ++i) {
    double distance = static_cast<double>(c.at[i].value) - c.largest;
    c.at[i].value = static_cast<float>(expNonPositive(distance / temperature));
    total += static_cast<double>(c.at[i].value);
  }
  double target = fraction * total, sum = 0;
  int32_t chosen = c.at[0].id;
  for (uint32_t i = 0; i < c.count; ++i) {
    if (c.at[i].value > 0)
      chosen = c.at[i].id; // stays when rounding leaves `target` at the very end
    sum += static_cast<double>(c.at[i].value);
    if (sum > target)
      break;
  }
  return chosen;
}

void penalize(Candidate *candidates, const SamplerOptions &options, const int32_t *tokens,
              uint32_t position, uint8_t *seen) noexcept {
  uint32_t window = options.repeatWindow < position ? options.repeatWindow : position;
  const int32_t *recent = tokens + (position - window);
  for (uint32_t i = 0; i < window; ++i) {
    uint32_t id = static_cast<uint32_t>(recent[i]);
    uint8_t bit = static_cast<uint8_t>(1u << (id % 8));
    if (seen[id / 8] & bit)
      continue;
    seen[id / 8] |= bit;
    float &logit = candidates[id].value;
    logit =
        orMinusInfinity(logit > 0 ? logit / options.repeatPenalty : logit * options.repeatPenalty);
  }
  for (uint32_t i = 0; i < window; ++i)
    seen[static_cast<uint32_t>(recent[i]) / 8] = 0;
}

int32_t largestCandidate(const Candidate *candidates, uint32_t count) noexcept {
  uint32_t best = 0;
  for (uint32_t i = 1; i < count; ++i)
    if (candidates[i].value > candidates[best].value)
      best = i;
  return static_cast<int32_t>(best);
}

} // namespace

int32_t largestLogit(const float *logits, uint32_t count) noexcept {
  // Eight independent maxima, so that neither latency nor a branch bounds the pass over the row.
  float lanes[8];
  for (float &lane : lanes)
    lane = -infinity;
  uint32_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int lane = 0; lane < 8; ++lane)
      lanes[lane] = logits[i + lane] > lanes[lane] ? logits[i + lane] : lanes[lane];
  for (; i < count; ++i)
    lanes[0] = logits[i] > lanes[0] ? logits[i] : lanes[0];
  float largest = lanes[0];
  for (float lane : lanes)
    largest = lane > largest ? lane : largest;
  for (i = 0; i < count; ++i)
    if (logits[i] == largest)
      return static_cast<int32_t>(i);
  return 0; // nothing but NaN
}

int32_t chooseToken(const float *logits, uint32_t vocab, const SamplerOptions &options,
                    const int32_t *tokens, uint32_t position,
                    const SamplerScratch &scratch) noexcept {
  platform::DefaultFloatMode mode;
  bool penalized = options.repeatPenalty != 1.0f;
  if (options.temperature == 0 && !penalized)
    return largestLogit(logits, vocab);

  for (uint32_t i = 0; i < vocab; ++i)
    scratch.candidates[i] = {orMinusInfinity(logits[i]), static_cast<int32_t>(i)};
  if (penalized)
    penalize(scratch.candidates, options, tokens, position, scratch.seen);
  int32_t best = largestCandidate(scratch.candidates, vocab);
  float largest = scratch.candidates[best].value;
  // An infinity at the top leaves no probabilities to draw from.
  if (options.temperature == 0 || largest == infinity || largest == -infinity)
    return best;

  Candidates c = {scratch.candidates, vocab, largest};
  keepTopK(c, options.topK);
  keepTopP(c, options.topP);
  keepMinP(c, options.minP);
  return draw(c, options.temperature, drawFraction(options.seed, position));
}

} // namespace ingot
