// What products of bytes in registers of eight rows share, before avx2_product.h or
// avxvnni_product.h.

namespace {

typedef float Floats __attribute__((vector_size(32)));
typedef int32_t Ints __attribute__((vector_size(32)));
typedef char Bytes __attribute__((vector_size(32)));
typedef uint8_t EightBytes __attribute__((vector_size(8)));
typedef _Float16 Halves __attribute__((vector_size(16)));

template <bool WholeRow> struct Kind {
  using Sum = Floats;
};
template <> struct Kind<true> {
  using Sum = Ints;
};
using Sum = Kind<kWholeRow>::Sum;

inline Floats all(float value) { return value - Floats{}; }
inline Floats fused(Floats a, Floats b, Floats c) { return __builtin_elementwise_fma(a, b, c); }

// The activations of four columns, for every row.
inline Bytes repeated(const int8_t *quad) { return Bytes(load<int32_t>(quad) - Ints{}); }

// Eight rows' scales, minima or zero points, as floats.
inline Floats widened(const uint8_t *at) {
  return kByteScales ? __builtin_convertvector(load<EightBytes>(at), Floats)
                     : __builtin_convertvector(load<Halves>(at), Floats);
}
constexpr int kScaleBytes = kByteScales ? 8 : 16; // of eight rows

inline Floats finished(Floats sum, float) { return sum; }
inline Floats finished(Ints sum, float scale) {
  return __builtin_convertvector(sum, Floats) * scale;
}

template <int Tokens>
inline void write(float *y, const Sum (&sums)[2][Tokens], const float *scale,
                  const uint8_t *block) {
  for (int half = 0; half < 2; ++half)
    for (int token = 0; token < Tokens; ++token) {
      Floats value = finished(sums[half][token], scale[token * kScales]);
      if (kRowScaleAt >= 0) {
        // A sixteenth of a scale is exact: 2^-100 and less became zero.
        const Floats scales = load<Floats>(block + kRowScaleAt + 32 * half);
        value *= kZeroAt >= 0 ? scales * (1.0f / 16) : scales;
      }
      float *out = y + int64_t(token) * kRows + 8 * half;
      store(out, kAdd ? load<Floats>(out) + value : value);
    }
}

template <int Tokens>
COLD void writeApart(float *y, const Sum (&sums)[2][Tokens], const float *scale,
                     const uint8_t *block) {
  write<Tokens>(y, sums, scale, block);
}

// Tokens of the next tile, where `left` are left: the last two tiles share them evenly.
inline int tileOf(int left) {
  return left >= 2 * kTokens || left <= kTokens ? least(kTokens, left) : (left + 1) / 2;
}

} // namespace
