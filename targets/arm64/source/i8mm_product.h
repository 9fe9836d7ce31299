// The loops over groups, tiles, row blocks and tokens, after i8mm_operands.h.

namespace {

// What four rows have of a group, each twice: (r0, r0, r1, r1), (r2, r2, r3, r3).
template <typename Vector> struct OfRows {
  Vector pair[2];
};

inline OfRows<float32x4_t> halvesOf(const uint8_t *at) {
  const float32x4_t four = vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(at)));
  return {{vzip1q_f32(four, four), vzip2q_f32(four, four)}};
}

inline OfRows<int32x4_t> bytesOf(const uint8_t *at) {
  uint32_t four;
  __builtin_memcpy(&four, at, sizeof four);
  const uint8x16_t all = vreinterpretq_u8_u32(vsetq_lane_u32(four, vdupq_n_u32(0), 0));
  constexpr uint8_t z = 255; // none: zero
  const uint8x16_t first = {0, z, z, z, 0, z, z, z, 1, z, z, z, 1, z, z, z},
                   last = {2, z, z, z, 2, z, z, z, 3, z, z, z, 3, z, z, z};
  return {
      {vreinterpretq_s32_u8(vqtbl1q_u8(all, first)), vreinterpretq_s32_u8(vqtbl1q_u8(all, last))}};
}

inline OfRows<float32x4_t> scalesOf(const uint8_t *group, int row) {
  if (kScaleAt < 0)
    return {};
  if (!kByteScales)
    return halvesOf(group + kScaleAt + 2 * row);
  const OfRows<int32x4_t> bytes = bytesOf(group + kScaleAt + row);
  return {{vcvtq_f32_s32(bytes.pair[0]), vcvtq_f32_s32(bytes.pair[1])}};
}

// What one group of two rows and a pair of tokens adds to their sum.
inline float32x4_t addedTo(float32x4_t sum, int32x4_t products, float32x4_t scale,
                           float32x4_t minimum, const Group<false> &q, int pair) {
  float32x4_t value = vcvtq_f32_s32(products);
  if (kMinimumAt >= 0)
    value = vfmaq_f32(vmulq_f32(scale, value), minimum, q.total[pair]);
  else if (kScaleAt >= 0)
    value = vmulq_f32(scale, value);
  return vfmaq_f32(sum, value, q.scale[pair]);
}

template <typename Tile> inline void copy(Tile &to, const Tile &from) {
  for (int r = 0; r < kRowPairs; ++r)
    for (int pair = 0; pair < kPairs; ++pair)
      to[r][pair] = from[r][pair];
}

// Adds `groups` groups to the sums of the tile's rows, each group times its
// scales: 4 rows from `row` on.
inline void addGroups(SumsOf<false> &sums, const uint8_t *group, int row, const Group<false> *q,
                      int groups) {
  SumsOf<false> acc; // in registers
  copy(acc, sums);
#pragma clang loop unroll(disable)
  for (int g = 0; g < groups; ++g, group += kGroupBytes, ++q) {
    int32x4_t products[2][kPairs];
    OfRows<int32x4_t> zero = {};
    if (kZeroAt >= 0)
      zero = bytesOf(group + kZeroAt + row);
    for (int r = 0; r < 2; ++r)
      for (int pair = 0; pair < kPairs; ++pair)
        products[r][pair] = kMinimumAt >= 0 ? vdupq_n_s32(0)
                            : kZeroAt >= 0  ? vmulq_s32(zero.pair[r], q->start[pair])
                                            : q->start[pair];
    for (int half = 0; half < 2; ++half) {
      uint8x16_t rows[2][2];
      operands(group + 4 * row, half, rows[0], rows[1]);
      for (int step = 0; step < 2; ++step)
        for (int pair = 0; pair < kPairs; ++pair)
          for (int r = 0; r < 2; ++r)
            products[r][pair] =
                vusmmlaq_s32(products[r][pair], rows[step][r], q->q[2 * half + step][pair]);
    }
    const OfRows<float32x4_t> scale = scalesOf(group, row);
    OfRows<float32x4_t> minimum = {};
    if (kMinimumAt >= 0)
      minimum = halvesOf(group + kMinimumAt + 2 * row);
    for (int r = 0; r < 2; ++r)
      for (int pair = 0; pair < kPairs; ++pair)
        acc[r][pair] =
            addedTo(acc[r][pair], products[r][pair], scale.pair[r], minimum.pair[r], *q, pair);
  }
  copy(sums, acc);
}

// The same without scales, which leaves integers: 8 rows from `row` on.
inline void addGroups(SumsOf<true> &sums, const uint8_t *group, int row, const Group<true> *q,
                      int groups) {
  SumsOf<true> acc; // in registers
  copy(acc, sums);
#pragma clang loop unroll(disable)
  for (int g = 0; g < groups; ++g, group += kGroupBytes, ++q)
    for (int half = 0; half < 2; ++half)
      for (int part = 0; part < 2; ++part) {
        uint8x16_t rows[2][2];
        operands(group + 4 * (row + 4 * part), half, rows[0], rows[1]);
        for (int step = 0; step < 2; ++step)
          for (int pair = 0; pair < kPairs; ++pair)
            for (int r = 0; r < 2; ++r) {
              int32x4_t &sum = acc[2 * part + r][pair];
              sum = vusmmlaq_s32(sum, rows[step][r], q->q[2 * half + step][pair]);
            }
      }
  copy(sums, acc);
}

// What the sums of two tokens begin with.
inline void begin(float32x4_t &out, float, float) { out = vdupq_n_f32(0); }
inline void begin(int32x4_t &out, float total0, float total1) { out = startOf(total0, total1); }

COLD void beginBlock(Sums (&sums)[kTiles], const float *sum, int token, int tokens) {
  for (Sums &tile : sums)
    for (auto &two : tile)
      for (int pair = 0; pair < kPairs; ++pair)
        begin(two[pair], sum[least(token + 2 * pair, tokens - 1)],
              sum[least(token + 2 * pair + 1, tokens - 1)]);
}

// The sums of a token, times its scale where there was none before.
inline float32x4_t finished(float32x4_t sum, const float *, int) { return sum; }
inline float32x4_t finished(int32x4_t sum, const float *scale, int token) {
  return vmulq_n_f32(vcvtq_f32_s32(sum), scale[token]);
}

// The first token's sums of four rows, and the second's.
inline Sum even(Sum a, Sum b) { return __builtin_shufflevector(a, b, 0, 2, 4, 6); }
inline Sum odd(Sum a, Sum b) { return __builtin_shufflevector(a, b, 1, 3, 5, 7); }

// Four rows of one token.
inline void write(float *y, Sum sum, const float *scale, const uint8_t *rowScale, int token) {
  float32x4_t value = finished(sum, scale, token);
  if (kRowScaleAt >= 0) {
    // A sixteenth of a scale is exact: 2^-100 and less became zero.
    const float32x4_t scales = vreinterpretq_f32_u8(vld1q_u8(rowScale));
    value = vmulq_f32(value, kZeroAt >= 0 ? vmulq_n_f32(scales, 1.0f / 16) : scales);
  }
  vst1q_f32(y, kAdd ? vaddq_f32(vld1q_f32(y), value) : value);
}

// Writes the sums of a row block; `y` is its first row of the first token.
COLD void writeBlock(float *y, const Sums (&sums)[kTiles], const float *scale, const uint8_t *block,
                     int token, int tokens) {
#pragma clang loop unroll(disable)
  for (int row = 0; row < kLanes; row += 4) {
    const auto *two = &sums[row / kTileRows][row % kTileRows / 2]; // of pairs of rows
    const uint8_t *rowScale = block + kRowScaleAt + 4 * row;
    for (int pair = 0; pair < kPairs; ++pair) {
      const int t0 = token + 2 * pair;
      float *out = y + int64_t(t0) * kRows + row;
      if (t0 < tokens)
        write(out, even(two[0][pair], two[1][pair]), scale, rowScale, t0);
      if (t0 + 1 < tokens)
        write(out + kRows, odd(two[0][pair], two[1][pair]), scale, rowScale, t0 + 1);
    }
  }
}

void product(int begin, int end, int tokens, const int8_t *q, const float *scale, const float *sum,
             const uint8_t *weights, float *y) {
  Staged staged[kPanel];
  Sums sums[kBlocks][kTiles];
  for (int first = begin; first < end; first += kBlocks) {
    const int blocks = least(kBlocks, end - first);
    const uint8_t *block = weights + int64_t(first) * kBlockBytes;
    for (int token = 0; token < tokens; token += kTokens) {
      for (int b = 0; b < blocks; ++b)
        beginBlock(sums[b], sum, token, tokens);
      for (int group = 0; group < kGroups; group += kPanel) {
        const int groups = least(kPanel, kGroups - group);
        stage(staged, q, scale, sum, group, groups, token, tokens);
        for (int b = 0; b < blocks; ++b)
#pragma clang loop unroll(disable)
          for (int tile = 0; tile < kTiles; ++tile)
            addGroups(sums[b][tile], block + int64_t(b) * kBlockBytes + group * kGroupBytes,
                      tile * kTileRows, staged, groups);
      }
      for (int b = 0; b < blocks; ++b)
        writeBlock(y + (first + b) * kLanes, sums[b], scale, block + int64_t(b) * kBlockBytes,
                   token, tokens);
    }
  }
}

} // namespace
