// vpmaddubsw multiplies unsigned by signed bytes and adds pairs of products to 16 bits; vpmaddwd
// adds pairs of those to 32.
//   Nibbles: 8 pairs of them (0 to 15) times activations (-127 to 127) are at most 30480, so the
//   sums of a group of 32 columns stay in 16 bits and are widened once. Bytes: one pair is at most
//   2 * 128 * 127 = 32512 if magnitudes are multiplied and the activation takes the weight's sign.
//   Each is widened. (An activation of -128, which only a NaN or an infinity becomes, has no other
//   sign.)

namespace {

constexpr bool kNibbles = kBits == 4;
constexpr int kPlanes = kNibbles ? 1 : 2; // nibbles; or magnitudes, and weights with their signs
constexpr int kQuads = kColumns / 4;      // of a group
// Tokens that pass by a row block, and its groups that are unpacked for them: sums of 8 KiB, and up
// to 15 KiB.
constexpr int kMost = 128;
constexpr int kPanel = least(kGroups, 24 / kPlanes);
// The zero point of the unpacked weights: bytes lose theirs when they become signed.
constexpr int kZeroLeft = kNibbles ? kZeroPoint : 0;
static_assert(kNibbles ? !kWholeRow : kZeroPoint == 128);

typedef int16_t Shorts __attribute__((vector_size(32)));

// Pairs of products, and pairs of those times `factor`.
inline Shorts pairs(Bytes weights, Bytes activations) {
  return __builtin_ia32_pmaddubsw256(weights, activations);
}
inline Ints widenedPairs(Shorts sums, short factor) {
  return __builtin_ia32_pmaddwd256(sums, factor - Shorts{});
}

// 16 rows of a group, as they are multiplied.
struct Unpacked {
  Bytes weights[kQuads][kPlanes][2];
  Floats scale[2], term[2]; // floats; the term is a minimum or a zero point
};

inline void unpack(Unpacked &out, const uint8_t *group) {
  UNROLLED for (int vector = 0; vector < kVectors; ++vector) for (int half = 0; half < 2; ++half) {
    const Bytes bytes = load<Bytes>(group + vector * kVectorBytes + 32 * half);
    if constexpr (kNibbles) {
      out.weights[2 * vector][0][half] = bytes & 15;
      out.weights[2 * vector + 1][0][half] = Bytes(Shorts(bytes) >> 4) & 15;
    } else {
      const Bytes weights = bytes ^ char(-128);
      out.weights[vector][0][half] = __builtin_elementwise_abs(weights);
      out.weights[vector][1][half] = weights;
    }
  }
  for (int half = 0; half < 2; ++half) {
    const uint8_t *at = group + half * kScaleBytes;
    if (kScaleAt >= 0)
      out.scale[half] = widened(at + kScaleAt);
    if (kZeroAt >= 0 || kMinimumAt >= 0)
      out.term[half] = widened(at + (kZeroAt >= 0 ? kZeroAt : kMinimumAt));
  }
}

// Eight rows of a group and a token: sums of 16 bits, of nibbles, or of 32, of bytes.
template <bool Nibbles> struct ProductsOf {
  using Type = Shorts;
};
template <> struct ProductsOf<false> {
  using Type = Ints;
};
using Products = ProductsOf<kNibbles>::Type;

// Adds the products of four columns.
inline void multiply(Shorts &sums, const Bytes (&weights)[kPlanes][2], int half, Bytes four) {
  sums += pairs(weights[0][half], four);
}
inline void multiply(Ints &sums, const Bytes (&weights)[kPlanes][2], int half, Bytes four) {
  const Bytes turned = __builtin_ia32_psignb256(four, weights[kPlanes - 1][half]);
  sums += widenedPairs(pairs(weights[0][half], turned), 1);
}

inline Ints integersOf(Shorts sums, short factor) { return widenedPairs(sums, factor); }
inline Ints integersOf(Ints sums, short) { return sums; }

// Adds the products of a quad of columns and a tile.
template <int Tokens, typename Sums>
inline void multiplyQuad(Sums (&sums)[Tokens][2], const Unpacked &of, const int8_t *q, int quad) {
  UNROLLED for (int token = 0; token < Tokens; ++token) {
    const Bytes four = repeated(q + token * kCols + 4 * quad);
    for (int half = 0; half < 2; ++half)
      multiply(sums[token][half], of.weights[quad], half, four);
  }
}

// The same of a group. One token meets weights in registers. With more, clang would take one after
// the other and spill the activations.
template <int Tokens, typename Sums>
inline void multiplyGroup(Sums (&sums)[Tokens][2], const Unpacked &of, const int8_t *q) {
  if constexpr (Tokens == 1)
    UNROLLED for (int quad = 0; quad < kQuads; ++quad) multiplyQuad(sums, of, q, quad);
  else
    LOOP for (int quad = 0; quad < kQuads; ++quad) multiplyQuad(sums, of, q, quad);
}

// A group's sums as floats: less the zero point, times the weights' scale.
inline Floats scaled(Products sums, const Unpacked &weights, int half, Floats total) {
  // With zero points in sixteenths of a step, 16 times the product is what is wanted.
  Floats value = __builtin_convertvector(integersOf(sums, kZeroAt >= 0 ? 16 : 1), Floats);
  if (kZeroLeft != 0)
    value = fused(all(-kZeroLeft), total, value);
  if (kZeroAt >= 0)
    value = fused(-weights.term[half], total, value);
  if (kScaleAt >= 0)
    value *= weights.scale[half];
  if (kMinimumAt >= 0)
    value = fused(weights.term[half], total, value);
  return value;
}

// Adds a group to the sums of a tile, [2][Tokens], which are in memory: the registers are the
// products'.
template <int Tokens>
inline void addGroup(Floats *sums, const Unpacked &weights, const int8_t *q, const float *scale,
                     const float *total) {
  Products products[Tokens][2] = {};
  multiplyGroup(products, weights, q);
  UNROLLED for (int token = 0; token < Tokens; ++token) {
    const Floats scales = all(scale[token * kScales]), totals = all(total[token * kScales]);
    for (int half = 0; half < 2; ++half) {
      Floats &sum = sums[half * Tokens + token];
      sum = fused(scaled(products[token][half], weights, half, totals), scales, sum);
    }
  }
}

template <int Tokens>
COLD void addGroups(Floats *sums, const Unpacked *weights, Activations in, int groups) {
  LOOP for (int g = 0; g < groups; ++g) {
    Floats *at = sums;
    __asm__ volatile("" : "+r"(at)); // else clang keeps the sums on the stack as well
    addGroup<Tokens>(at, weights[g], in.q + g * kColumns, in.scale + g, in.sum + g);
  }
}

// The same without scales.
template <int Tokens>
COLD void addGroups(Ints *sums, const Unpacked *weights, Activations in, int groups) {
  Ints acc[Tokens][2]; // in registers
  for (int token = 0; token < Tokens; ++token)
    for (int half = 0; half < 2; ++half)
      acc[token][half] = sums[half * Tokens + token];
  LOOP for (int g = 0; g < groups; ++g) multiplyGroup(acc, weights[g], in.q + g * kColumns);
  for (int token = 0; token < Tokens; ++token)
    for (int half = 0; half < 2; ++half)
      sums[half * Tokens + token] = acc[token][half];
}

inline void addOne(Floats (&sums)[2][1], const Unpacked &weights, Activations in) {
  addGroup<1>(&sums[0][0], weights, in.q, in.scale, in.sum);
}
inline void addOne(Ints (&sums)[2][1], const Unpacked &weights, Activations in) {
  Ints acc[1][2] = {{sums[0][0], sums[1][0]}};
  multiplyGroup(acc, weights, in.q);
  sums[0][0] = acc[0][0];
  sums[1][0] = acc[0][1];
}

// A row block and one token: nothing is worth unpacking beforehand.
void multiplyOne(const uint8_t *block, Activations in, float *y) {
  Sum sums[2][1] = {};
  LOOP for (int g = 0; g < kGroups; ++g) {
    Unpacked weights;
    unpack(weights, block + g * kGroupBytes);
    const int scale = kWholeRow ? 0 : g;
    addOne(sums, weights, {in.q + g * kColumns, in.scale + scale, in.sum + scale});
  }
  write<1>(y, sums, in.scale, block);
}

template <int Tokens> struct Count {
  static constexpr int value = Tokens;
};

// Calls `tile` for a number of tokens that it may take for a constant.
template <int Tokens, typename Tile>
inline void constantly(Count<Tokens> count, int tokens, const Tile &tile) {
  if (tokens == Tokens)
    tile(count);
  else if constexpr (Tokens > 1)
    constantly(Count<Tokens - 1>(), tokens, tile);
}

// A row block and at most kMost tokens. Tiles' sums lie behind each other.
void multiplyBlock(const uint8_t *block, int tokens, Activations in, float *y) {
  Sum sums[2 * kMost];
  for (int i = 0; i < 2 * tokens; ++i)
    sums[i] = Sum();
  Unpacked weights[kPanel];
  const auto forTiles = [&](const auto &tile) {
    for (int token = 0, count; token < tokens; token += count) {
      count = tileOf(tokens - token);
      constantly(Count<kTokens>(), count, [&](auto constant) { tile(constant, token); });
    }
  };
  for (int group = 0; group < kGroups; group += kPanel) {
    const int groups = least(kPanel, kGroups - group), scale = kWholeRow ? 0 : group;
    for (int g = 0; g < groups; ++g)
      unpack(weights[g], block + (group + g) * kGroupBytes);
    forTiles([&](auto count, int token) {
      const Activations from = in.from(token);
      addGroups<count.value>(sums + 2 * token, weights,
                             {from.q + group * kColumns, from.scale + scale, from.sum + scale},
                             groups);
    });
  }
  forTiles([&](auto count, int token) {
    using Tile = const Sum[2][count.value];
    writeApart<count.value>(y + int64_t(token) * kRows, reinterpret_cast<Tile &>(sums[2 * token]),
                            in.scale + token * kScales, block);
  });
}

void product(int begin, int end, int tokens, Activations in, const uint8_t *weights, float *y) {
  constexpr int kStep = kTokens == 1 ? 1 : kMost;
  for (int b = begin; b < end; ++b)
    for (int token = 0; token < tokens; token += kStep) {
      const uint8_t *block = weights + int64_t(b) * kBlockBytes;
      float *out = y + int64_t(token) * kRows + b * kLanes;
      if constexpr (kTokens == 1)
        multiplyOne(block, in.from(token), out);
      else
        multiplyBlock(block, least(kMost, tokens - token), in.from(token), out);
    }
}

} // namespace
