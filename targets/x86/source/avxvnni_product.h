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

typedef uint8_t UnsignedBytes __attribute__((vector_size(32)));
template <int Halves, int Tokens> using Integers = Ints[chainsOf(Tokens)][Halves][Tokens];

// The bytes that a plane of a vector multiplies: columns 0 to 3, or 4 to 7 of nibbles. With zero
// points in sixteenths of a step, 16 times the product is what is wanted.
inline Bytes planeOf(Bytes bytes, int plane) {
  typedef uint16_t Shorts __attribute__((vector_size(32)));
  if (kBits == 8)
    return bytes;
  if (kZeroAt >= 0)
    return (plane ? bytes : Bytes(Shorts(bytes) << 4)) & char(-16);
  return (plane ? Bytes(Shorts(bytes) >> 4) : bytes) & 15;
}

// Adds the products of a group. `q` are its activations of the first token.
template <int Halves, int Tokens>
inline void multiply(Integers<Halves, Tokens> &sums, const uint8_t *group, const int8_t *q) {
  constexpr int kPlanes = 8 / kBits;
  UNROLLED for (int vector = 0; vector < kVectors; ++vector) {
    Bytes bytes[Halves];
    for (int half = 0; half < Halves; ++half)
      bytes[half] = load<Bytes>(group + vector * kVectorBytes + 32 * half);
    UNROLLED for (int plane = 0; plane < kPlanes; ++plane) {
      Bytes weights[Halves];
      for (int half = 0; half < Halves; ++half)
        weights[half] = planeOf(bytes[half], plane);
      UNROLLED for (int token = 0; token < Tokens; ++token) {
        const Bytes quad = repeated(q + token * kCols + 4 * (vector * kPlanes + plane));
        for (int half = 0; half < Halves; ++half) {
          Ints &sum = sums[vector % chainsOf(Tokens)][half][token];
          sum = __builtin_ia32_vpdpbusd256(sum, UnsignedBytes(weights[half]), quad);
        }
      }
    }
  }
}

template <int Halves, int Tokens>
inline Ints joined(const Integers<Halves, Tokens> &sums, int half, int token) {
  return chainsOf(Tokens) == 1 ? sums[0][half][token]
                               : sums[0][half][token] + sums[chainsOf(Tokens) - 1][half][token];
}

// Eight rows of a group: integers that began with kBase, less the zero point, times the scales of
// weights and activations. One step after the other for all tokens: the rows' zero points, scales
// and minima are not wanted at once, and there are no registers for them.
template <int Tokens>
inline void addScaled(Floats (&acc)[Tokens], const Ints (&products)[Tokens], const uint8_t *scales,
                      const float *scale, const float *total) {
  Floats value[Tokens];
  for (int token = 0; token < Tokens; ++token)
    value[token] = Floats(products[token]);
  if (kZeroAt >= 0) {
    const Floats zero = widened(scales + kZeroAt);
    for (int token = 0; token < Tokens; ++token)
      value[token] = fused(-zero, all(total[token * kScales]), value[token]);
  }
  if (kScaleAt >= 0) {
    const Floats d = widened(scales + kScaleAt), less = d * -kBase;
    for (int token = 0; token < Tokens; ++token)
      value[token] = fused(value[token], d, less);
  } else {
    for (int token = 0; token < Tokens; ++token)
      value[token] -= kBase;
  }
  if (kMinimumAt >= 0) {
    const Floats minimum = widened(scales + kMinimumAt);
    for (int token = 0; token < Tokens; ++token)
      value[token] = fused(minimum, all(total[token * kScales]), value[token]);
  }
  for (int token = 0; token < Tokens; ++token)
    acc[token] = fused(value[token], all(scale[token * kScales]), acc[token]);
}

// Adds `groups` groups to the sums of rows from 8 * `first` on, each group times its scales.
template <int Tokens>
COLD void addGroups(Floats (*sums)[Tokens], const uint8_t *group, int first, Activations in,
                    const float (*start)[kPanel], int groups) {
  constexpr int kHalves = halvesOf(Tokens);
  Floats acc[kHalves][Tokens]; // in registers
  for (int half = 0; half < kHalves; ++half)
    for (int token = 0; token < Tokens; ++token)
      acc[half][token] = sums[half][token];
  LOOP for (int g = 0; g < groups; ++g, group += kGroupBytes) {
    Integers<kHalves, Tokens> products = {};
    for (int half = 0; half < kHalves; ++half)
      for (int token = 0; token < Tokens; ++token)
        products[0][half][token] = Ints(all(start[token][g]));
    multiply<kHalves, Tokens>(products, group + 32 * first, in.q + g * kColumns);
    for (int half = 0; half < kHalves; ++half) {
      Ints of[Tokens];
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
COLD void addGroups(Ints (*sums)[Tokens], const uint8_t *group, int, Activations in,
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
inline void begin(Floats &out, float) { out = Floats(); }
inline void begin(Ints &out, float total) { out = Ints{} - kZeroPoint * int32_t(total); }

// The product of a row block and the first tokens.
template <int Tokens> void multiplyTile(const uint8_t *block, Activations in, float *y) {
  Sum sums[2][Tokens];
  float start[Tokens][kPanel]; // what the groups' integers begin with
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
  writeApart<Tokens>(y, sums, in.scale, block);
}

template <int Tokens>
inline void multiplyRest(int tokens, const uint8_t *block, Activations in, float *y) {
  if (tokens == Tokens)
    multiplyTile<Tokens>(block, in, y);
  else if constexpr (Tokens > 1)
    multiplyRest<Tokens - 1>(tokens, block, in, y);
}

// A row block stays in the first cache while all tokens pass by.
void product(int begin, int end, int tokens, Activations in, const uint8_t *weights, float *y) {
  for (int b = begin; b < end; ++b) {
    const uint8_t *block = weights + int64_t(b) * kBlockBytes;
    for (int token = 0, count; token < tokens; token += count) {
      count = tileOf(tokens - token);
      multiplyRest<kTokens>(count, block, in.from(token), y + int64_t(token) * kRows + b * kLanes);
    }
  }
}

} // namespace
