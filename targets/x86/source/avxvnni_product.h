// vpdpbusd multiplies 8 rows x 4 columns by 4 broadcast activations and adds 8 integers.

namespace {

// Rows of a block in one loop, by eights: few tokens leave registers for all of them, and with
// whole rows there are no sums of floats beside the integers.
constexpr int halvesOf(int tokens) { return kWholeRow || tokens <= 2 ? 2 : 1; }
// The instruction takes 5 cycles, two a cycle: one token needs more sums than its rows have.
constexpr int chainsOf(int tokens) { return tokens == 1 ? 2 : 1; }
// Groups whose first integers are kept: 1.5 KiB. Where they are all the same too, for one register
// more does not fit beside a tile of 6 tokens.
constexpr int kPanel = kGroups < 64 ? kGroups : 64;

template <bool WholeRow> struct Kind {
  using Sum = __m256;
};
template <> struct Kind<true> {
  using Sum = __m256i;
};
using Sum = Kind<kWholeRow>::Sum;
template <int Halves, int Tokens> using Integers = __m256i[chainsOf(Tokens)][Halves][Tokens];

// The bytes that a plane of a vector multiplies: columns 0 to 3, or 4 to 7 of nibbles. With zero
// points in sixteenths of a step, 16 times the product is what is wanted.
inline __m256i planeOf(__m256i bytes, int plane) {
  if (kBits == 8)
    return bytes;
  if (kZeroAt >= 0)
    return _mm256_and_si256(plane ? bytes : _mm256_slli_epi16(bytes, 4), _mm256_set1_epi8(-16));
  return _mm256_and_si256(plane ? _mm256_srli_epi16(bytes, 4) : bytes, _mm256_set1_epi8(15));
}

inline __m256i repeated(const int8_t *quad) {
  int32_t word;
  __builtin_memcpy(&word, quad, sizeof word);
  return _mm256_set1_epi32(word);
}

// Adds the products of a group. `q` are its activations of the first token.
template <int Halves, int Tokens>
inline void multiply(Integers<Halves, Tokens> &sums, const uint8_t *group, const int8_t *q) {
  constexpr int kPlanes = 8 / kBits;
  UNROLLED for (int vector = 0; vector < kVectors; ++vector) {
    __m256i bytes[Halves];
    for (int half = 0; half < Halves; ++half)
      bytes[half] = _mm256_loadu_si256(
          reinterpret_cast<const __m256i *>(group + vector * kVectorBytes + 32 * half));
    UNROLLED for (int plane = 0; plane < kPlanes; ++plane) {
      __m256i weights[Halves];
      for (int half = 0; half < Halves; ++half)
        weights[half] = planeOf(bytes[half], plane);
      UNROLLED for (int token = 0; token < Tokens; ++token) {
        const __m256i quad = repeated(q + token * kCols + 4 * (vector * kPlanes + plane));
        for (int half = 0; half < Halves; ++half) {
          __m256i &sum = sums[vector % chainsOf(Tokens)][half][token];
          sum = _mm256_dpbusd_avx_epi32(sum, weights[half], quad);
        }
      }
    }
  }
}

template <int Halves, int Tokens>
inline __m256i joined(const Integers<Halves, Tokens> &sums, int half, int token) {
  return chainsOf(Tokens) == 1
             ? sums[0][half][token]
             : _mm256_add_epi32(sums[0][half][token], sums[chainsOf(Tokens) - 1][half][token]);
}

// Eight rows' scales, minima or zero points, as floats.
inline __m256 widened(const uint8_t *at) {
  if (kByteScales)
    return _mm256_cvtepi32_ps(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i *>(at))));
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)));
}
constexpr int kScaleBytes = kByteScales ? 8 : 16; // of eight rows

// Eight rows of a group: integers that began with kBase, less the zero point, times the scales of
// weights and activations. One step after the other for all tokens: the rows' zero points, scales
// and minima are not wanted at once, and there are no registers for them.
template <int Tokens>
inline void addScaled(__m256 (&acc)[Tokens], const __m256i (&products)[Tokens],
                      const uint8_t *scales, const float *scale, const float *total) {
  __m256 value[Tokens];
  for (int token = 0; token < Tokens; ++token)
    value[token] = _mm256_castsi256_ps(products[token]);
  if (kZeroAt >= 0) {
    const __m256 zero = widened(scales + kZeroAt);
    for (int token = 0; token < Tokens; ++token)
      value[token] =
          _mm256_fnmadd_ps(zero, _mm256_broadcast_ss(total + token * kScales), value[token]);
  }
  const __m256 base = _mm256_set1_ps(-kBase);
  if (kScaleAt >= 0) {
    const __m256 d = widened(scales + kScaleAt), less = _mm256_mul_ps(d, base);
    for (int token = 0; token < Tokens; ++token)
      value[token] = _mm256_fmadd_ps(value[token], d, less);
  } else {
    for (int token = 0; token < Tokens; ++token)
      value[token] = _mm256_add_ps(value[token], base);
  }
  if (kMinimumAt >= 0) {
    const __m256 minimum = widened(scales + kMinimumAt);
    for (int token = 0; token < Tokens; ++token)
      value[token] =
          _mm256_fmadd_ps(minimum, _mm256_broadcast_ss(total + token * kScales), value[token]);
  }
  for (int token = 0; token < Tokens; ++token)
    acc[token] =
        _mm256_fmadd_ps(value[token], _mm256_broadcast_ss(scale + token * kScales), acc[token]);
}

// Adds `groups` groups to the sums of rows from 8 * `first` on, each group times its scales.
template <int Tokens>
COLD void addGroups(__m256 (*sums)[Tokens], const uint8_t *group, int first, Activations in,
                    const float (*start)[kPanel], int groups) {
  constexpr int kHalves = halvesOf(Tokens);
  __m256 acc[kHalves][Tokens]; // in registers
  for (int half = 0; half < kHalves; ++half)
    for (int token = 0; token < Tokens; ++token)
      acc[half][token] = sums[half][token];
  LOOP for (int g = 0; g < groups; ++g, group += kGroupBytes) {
    Integers<kHalves, Tokens> products = {};
    for (int half = 0; half < kHalves; ++half)
      for (int token = 0; token < Tokens; ++token)
        products[0][half][token] = _mm256_castps_si256(_mm256_broadcast_ss(start[token] + g));
    multiply<kHalves, Tokens>(products, group + 32 * first, in.q + g * kColumns);
    for (int half = 0; half < kHalves; ++half) {
      __m256i of[Tokens];
      for (int token = 0; token < Tokens; ++token)
        of[token] = joined<kHalves, Tokens>(products, half, token);
      addScaled(acc[half], of, group + (first + half) * kScaleBytes, in.scale + g, in.sum + g);
    }
  }
  for (int half = 0; half < kHalves; ++half)
    for (int token = 0; token < Tokens; ++token)
      sums[half][token] = acc[half][token];
}

// The same without scales: integers, of all 16 rows.
template <int Tokens>
COLD void addGroups(__m256i (*sums)[Tokens], const uint8_t *group, int, Activations in,
                    const float (*)[kPanel], int groups) {
  Integers<2, Tokens> acc = {};
  for (int half = 0; half < 2; ++half)
    for (int token = 0; token < Tokens; ++token)
      acc[0][half][token] = sums[half][token];
  LOOP for (int g = 0; g < groups; ++g, group += kGroupBytes)
      multiply<2, Tokens>(acc, group, in.q + g * kColumns);
  for (int half = 0; half < 2; ++half)
    for (int token = 0; token < Tokens; ++token)
      sums[half][token] = joined<2, Tokens>(acc, half, token);
}

// What a token's sums begin with; the groups of floats have theirs in `start`.
inline void begin(__m256 &out, float) { out = _mm256_setzero_ps(); }
inline void begin(__m256i &out, float total) {
  out = _mm256_set1_epi32(-kZeroPoint * int32_t(total));
}

inline __m256 finished(__m256 sum, float) { return sum; }
inline __m256 finished(__m256i sum, float scale) {
  return _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(scale));
}

template <int Tokens>
COLD void write(float *y, const Sum (&sums)[2][Tokens], const float *scale, const uint8_t *block) {
  for (int half = 0; half < 2; ++half)
    for (int token = 0; token < Tokens; ++token) {
      __m256 value = finished(sums[half][token], scale[token * kScales]);
      if (kRowScaleAt >= 0) {
        // A sixteenth of a scale is exact: 2^-100 and less became zero.
        const __m256 scales =
            _mm256_loadu_ps(reinterpret_cast<const float *>(block + kRowScaleAt) + 8 * half);
        value = _mm256_mul_ps(value, kZeroAt >= 0 ? _mm256_mul_ps(scales, _mm256_set1_ps(1.0f / 16))
                                                  : scales);
      }
      float *out = y + int64_t(token) * kRows + 8 * half;
      _mm256_storeu_ps(out, kAdd ? _mm256_add_ps(_mm256_loadu_ps(out), value) : value);
    }
}

// The product of a row block and the first tokens.
template <int Tokens> void multiplyTile(const uint8_t *block, Activations in, float *y) {
  Sum sums[2][Tokens];
  float start[Tokens][kPanel];
  for (auto &half : sums)
    for (int token = 0; token < Tokens; ++token)
      begin(half[token], in.sum[token * kScales]);
  for (int group = 0; group < kGroups; group += kPanel) {
    const int groups = least(kPanel, kGroups - group), scale = kWholeRow ? 0 : group;
    const Activations panel = {in.q + group * kColumns, in.scale + scale, in.sum + scale};
    for (int token = 0; !kWholeRow && token < Tokens; ++token)
      for (int g = 0; g < groups; ++g)
        start[token][g] = kBase - float(kZeroPoint) * panel.sum[token * kScales + g];
    for (int first = 0; first < 2; first += halvesOf(Tokens))
      addGroups<Tokens>(sums + first, block + group * kGroupBytes, first, panel, start, groups);
  }
  write<Tokens>(y, sums, in.scale, block);
}

template <int Tokens>
inline void multiplyRest(int tokens, const uint8_t *block, Activations in, float *y) {
  if (tokens == Tokens)
    multiplyTile<Tokens>(block, in, y);
  else if constexpr (Tokens > 1)
    multiplyRest<Tokens - 1>(tokens, block, in, y);
}

// A row block stays in the first cache while all tokens pass by. The last two tiles share what is
// left evenly.
void product(int begin, int end, int tokens, Activations in, const uint8_t *weights, float *y) {
  for (int b = begin; b < end; ++b) {
    const uint8_t *block = weights + int64_t(b) * kBlockBytes;
    for (int token = 0, count; token < tokens; token += count) {
      const int left = tokens - token;
      count = left >= 2 * kTokens || left <= kTokens ? least(kTokens, left) : (left + 1) / 2;
      multiplyRest<kTokens>(count, block, in.from(token), y + int64_t(token) * kRows + b * kLanes);
    }
  }
}

} // namespace
