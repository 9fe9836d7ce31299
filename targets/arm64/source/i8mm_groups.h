// Groups by products of matrices: smmla multiplies 2 rows x 8 columns by 2 tokens x 8 columns, so a
// vector of sums is (r0 t0, r0 t1, r1 t0, r1 t1). Pairs of tokens have two of them, for 4 rows.

namespace {

constexpr int kSteps = kColumns / 8; // of 8 columns
constexpr int kPairs = kTokens / 2;  // of tokens

inline void orderRows(int8x16_t (&out)[8], const int8x16_t (&quads)[8]) {
  for (int step = 0; step < kSteps; ++step) {
    const int32x4_t a = vreinterpretq_s32_s8(quads[2 * step]),
                    b = vreinterpretq_s32_s8(quads[2 * step + 1]);
    out[2 * step] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
    out[2 * step + 1] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
  }
}

inline void orderTokens(int8x16_t (&out)[2 * kTokens], const int8_t *q) {
  for (int half = 0; half < 2; ++half)
    for (int pair = 0; pair < kPairs; ++pair) {
      const int8_t *from = q + int64_t(2 * pair) * kCols + 16 * half;
      const int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(from)),
                      b = vreinterpretq_s64_s8(vld1q_s8(from + kCols));
      int8x16_t *const to = out + 2 * half * kPairs + pair;
      to[0] = vreinterpretq_s8_s64(vzip1q_s64(a, b));
      to[kPairs] = vreinterpretq_s8_s64(vzip2q_s64(a, b));
    }
}

inline void multiply(Products &products, const int8_t *w, const int8_t *a) {
  for (int step = 0; step < kSteps; ++step)
    for (int t = 0; t < kTokens; ++t) // a pair's rows 0 and 1, 2 and 3
      products[t] = vmmlaq_s32(products[t], bytesAt(w, (2 * step + t % 2) * 16),
                               bytesAt(a, (step * kPairs + t / 2) * 16 - kBack));
}

inline float32x4_t fused(float32x4_t sum, float32x4_t a, const int8_t *at, int place, int index) {
  return vfmaq_f32(sum, a, floatsAt(at, place + index / 2 * 16));
}

inline void repeatRows(float32x4_t (&out)[2], float32x4_t four) {
  out[0] = vzip1q_f32(four, four);
  out[1] = vzip2q_f32(four, four);
}

inline void repeatTokens(float32x4_t (&out)[kPairs], const float *values) {
  for (int pair = 0; pair < kPairs; ++pair) {
    const float32x2_t two = {values[int64_t(2 * pair) * kGroups],
                             values[int64_t(2 * pair + 1) * kGroups]};
    out[pair] = vcombine_f32(two, two);
  }
}

inline float32x4_t rowsOf(const Tile &sums, int token) {
  const float32x4_t a = sums[token / 2 * 2], b = sums[token / 2 * 2 + 1];
  return token % 2 == 0 ? vuzp1q_f32(a, b) : vuzp2q_f32(a, b);
}

} // namespace
