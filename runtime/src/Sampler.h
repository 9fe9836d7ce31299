// Choosing the next token from a row of logits. ingot.h says in which order what is applied.
#ifndef INGOT_RUNTIME_SAMPLER_H
#define INGOT_RUNTIME_SAMPLER_H

#include <stdint.h>

namespace ingot {

struct Candidate {
  float value; // a logit; at the end a weight
  int32_t id;
};

// Memory of the session that the sampler works in.
struct SamplerScratch {
  Candidate *candidates; // [vocab]
  uint8_t *seen;         // one bit a token, all zero between calls
};

// Checked options, defaults resolved: 0 in topK, and 1 in topP and repeatPenalty, turn them off.
struct SamplerOptions {
  float temperature;
  uint32_t topK;
  float topP;
  float minP;
  float repeatPenalty;
  uint32_t repeatWindow;
  uint64_t seed;
};

// The index of the largest value, the lowest of equals; NaN counts as minus infinity.
int32_t largestLogit(const float *logits, uint32_t count) noexcept;

// The token for position `position` behind tokens[0 .. position).
int32_t chooseToken(const float *logits, uint32_t vocab, const SamplerOptions &options,
                    const int32_t *tokens, uint32_t position,
                    const SamplerScratch &scratch) noexcept;

} // namespace ingot
#endif
