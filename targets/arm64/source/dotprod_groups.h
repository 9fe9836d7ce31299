// Groups by dot products of four bytes: a vector of sums is 4 rows of a token, a vector of weights
// 4 columns of them, and of a token's 16 columns the instruction takes the same 4.

namespace {

inline void orderRows(int8x16_t (&out)[8], const int8x16_t (&quads)[8]) {
  for (int k = 0; k < 8; ++k)
    out[k] = quads[k];
}

inline void orderTokens(int8x16_t (&out)[2 * kTokens], const int8_t *q) {
  for (int half = 0; half < 2; ++half)
    for (int t = 0; t < kTokens; ++t)
      out[half * kTokens + t] = vld1q_s8(q + int64_t(t) * kCols + 16 * half);
}

inline int32x4_t dot(int32x4_t sum, int8x16_t rows, int8x16_t q, int quad) {
  return quad == 0   ? vdotq_laneq_s32(sum, rows, q, 0)
         : quad == 1 ? vdotq_laneq_s32(sum, rows, q, 1)
         : quad == 2 ? vdotq_laneq_s32(sum, rows, q, 2)
                     : vdotq_laneq_s32(sum, rows, q, 3);
}

inline void multiply(Products &products, const int8_t *w, const int8_t *a) {
  for (int half = 0; half < 2; ++half)
    for (int quad = 0; quad < 4; ++quad)
      for (int t = 0; t < kTokens; ++t)
        products[t] = dot(products[t], bytesAt(w, (4 * half + quad) * 16),
                          bytesAt(a, (half * kTokens + t) * 16 - kBack), quad);
}

inline float32x4_t fused(float32x4_t sum, float32x4_t a, const int8_t *at, int place, int index) {
  const float32x4_t b = floatsAt(at, place + index / 4 * 16);
  return index % 4 == 0   ? vfmaq_laneq_f32(sum, a, b, 0)
         : index % 4 == 1 ? vfmaq_laneq_f32(sum, a, b, 1)
         : index % 4 == 2 ? vfmaq_laneq_f32(sum, a, b, 2)
                          : vfmaq_laneq_f32(sum, a, b, 3);
}

inline void repeatRows(float32x4_t (&out)[1], float32x4_t four) { out[0] = four; }

inline void repeatTokens(float32x4_t (&out)[2], const float *values) {
  for (int t = 0; t < kTokens; ++t)
    reinterpret_cast<float *>(out)[t] = values[int64_t(t) * kGroups];
}

inline float32x4_t rowsOf(const Tile &sums, int token) { return sums[token]; }

} // namespace
