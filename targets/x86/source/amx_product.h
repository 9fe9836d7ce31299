// Tiles: a product adds 16 tokens x 16 rows of integers, over the 32 columns of a group or, where
// no scale stands inside the row and there is an even number of groups, over the 64 of two.
//
// Neither operand is put in order. A packed vector, [16 rows][4 columns], is a row of the second
// operand as the instruction takes it, so a group of bytes is one where it lies, and nibbles are
// after unpacking; the first operand is rows of activations where they lie, read with their stride.
//
// The second operand may be signed: where all weights have one zero point it is taken off while
// they are unpacked, and what is left multiplies signed by signed. Else the bytes are unsigned.

namespace {

typedef float Floats __attribute__((vector_size(64)));
typedef int32_t Ints __attribute__((vector_size(64)));
typedef uint8_t Bytes __attribute__((vector_size(64)));
typedef uint8_t SixteenBytes __attribute__((vector_size(16)));
typedef _Float16 Halves __attribute__((vector_size(32)));

static_assert(kTokens == 16 && kLanes == 16);
constexpr int kGroupVectors = 8; // of unpacked bytes
constexpr bool kSigned = !kWholeRow && kZeroPoint != 0;
constexpr bool kUnpacked = kBits == 4 || kSigned;
// Groups that are unpacked at once (8 KiB), for so many tiles of tokens (sums of 8 KiB).
constexpr int kPanel = kGroups < 16 ? kGroups : 16;
constexpr int kTiles = 8;
constexpr int kSteps = kWholeRow && kGroups % 2 == 0 ? 2 : 1; // groups of a product

inline Floats all(float value) { return value - Floats{}; }

// Registers: sums of full tiles (several, where whole rows are added: an instruction takes 52
// cycles and 16 until the next), their tokens, weights, and sums and tokens of the last tile.
enum { kSums0, kSums1, kSums2, kTokensOf, kRowsOf, kRestSums, kRestTokens };
constexpr int kChains = 3;

// The last tile has `rest` tokens.
COLD void configure(int rest) {
  struct {
    uint8_t palette = 1, startRow = 0, reserved[14] = {};
    uint16_t rowBytes[16] = {};
    uint8_t rows[16] = {};
  } config;
  const auto tile = [&](int number, int rows, int rowBytes) {
    config.rows[number] = rows;
    config.rowBytes[number] = rows ? rowBytes : 0;
  };
  for (int chain = 0; chain < kChains; ++chain)
    tile(kSums0 + chain, kTokens, 64);
  tile(kTokensOf, kTokens, kSteps * kColumns);
  tile(kRowsOf, kSteps * kGroupVectors, 64);
  tile(kRestSums, rest, 64);
  tile(kRestTokens, rest, kSteps * kColumns);
  __builtin_ia32_tile_loadconfig(&config);
}

// Unpacks `groups` groups.
COLD void unpack(uint8_t *out, const uint8_t *group, int groups) {
  for (int g = 0; g < groups; ++g, group += kGroupBytes)
    for (int vector = 0; vector < kVectors; ++vector) {
      const Bytes bytes = load<Bytes>(group + vector * kVectorBytes);
      const auto put = [&](const Bytes &value) {
        store(out, value - uint8_t(kSigned ? kZeroPoint : 0));
        out += kVectorBytes;
      };
      if (kBits == 8) {
        put(bytes);
        continue;
      }
      // With zero points in sixteenths of a step, 16 times the product is what is wanted.
      put(kZeroAt >= 0 ? bytes << 4 : bytes & 15);
      put(kZeroAt >= 0 ? bytes & 0xf0 : bytes >> 4);
    }
}

// 16 rows' scales, minima or zero points.
inline Floats widened(const uint8_t *at) {
  return kByteScales ? __builtin_convertvector(load<SixteenBytes>(at), Floats)
                     : __builtin_convertvector(load<Halves>(at), Floats);
}

// The integers of a group and a tile of tokens, begun with kBase, into `out`. Registers are
// numbers in the instruction, hence a tile and the rest.
inline void multiplyGroup(float *out, const uint8_t *weights, const int8_t *q, bool full) {
  alignas(64) static constexpr float kStart[kLanes] = {kBase, kBase, kBase, kBase, kBase, kBase,
                                                       kBase, kBase, kBase, kBase, kBase, kBase,
                                                       kBase, kBase, kBase, kBase};
#define INGOT_MULTIPLY(SUMS, TOKENS)                                                               \
  __builtin_ia32_tileloadd64(SUMS, kStart, 0); /* every row the same */                            \
  __builtin_ia32_tileloadd64(TOKENS, q, kCols);                                                    \
  __builtin_ia32_tileloadd64(kRowsOf, weights, kVectorBytes);                                      \
  if (kSigned)                                                                                     \
    __builtin_ia32_tdpbssd(SUMS, TOKENS, kRowsOf);                                                 \
  else                                                                                             \
    __builtin_ia32_tdpbsud(SUMS, TOKENS, kRowsOf);                                                 \
  __builtin_ia32_tilestored64(SUMS, out, 4 * kLanes)
  if (full) {
    INGOT_MULTIPLY(kSums0, kTokensOf);
  } else {
    INGOT_MULTIPLY(kRestSums, kRestTokens);
  }
#undef INGOT_MULTIPLY
}

// Adds a group's integers, times its scales, to the sums of `tokens` tokens.
inline __attribute__((always_inline)) void addScaled(Floats *acc, int tokens, const float *products,
                                                     const uint8_t *group, const float *scale,
                                                     const float *total) {
  const Floats d = kScaleAt >= 0 ? widened(group + kScaleAt) : Floats(), less = d * -kBase,
               term = kZeroAt >= 0      ? -widened(group + kZeroAt)
                      : kMinimumAt >= 0 ? widened(group + kMinimumAt)
                                        : Floats();
  UNROLLED for (int token = 0; token < tokens; ++token) {
    Floats value = load<Floats>(products + token * kLanes);
    if (kZeroAt >= 0)
      value = __builtin_elementwise_fma(term, all(total[token * kScales]), value);
    if (kScaleAt >= 0)
      value = __builtin_elementwise_fma(value, d, less);
    else
      value = value - kBase;
    if (kMinimumAt >= 0)
      value = __builtin_elementwise_fma(term, all(total[token * kScales]), value);
    acc[token] = __builtin_elementwise_fma(value, all(scale[token * kScales]), acc[token]);
  }
}

// Adds `groups` groups to the sums of a tile. A product is begun before its predecessor's integers
// are read.
template <bool Full>
COLD void addGroups(Floats *sums, int rest, const uint8_t *weights, const uint8_t *group,
                    Activations in, int groups) {
  constexpr int kStride = kUnpacked ? kGroupVectors * kVectorBytes : kGroupBytes;
  alignas(64) float products[2][kTokens * kLanes];
  Floats acc[kTokens]; // in registers
  for (int token = 0; Full && token < kTokens; ++token)
    acc[token] = sums[token];
  const auto add = [&](int g) {
    addScaled(Full ? acc : sums, Full ? kTokens : rest, products[g & 1], group + g * kGroupBytes,
              in.scale + g, in.sum + g);
  };
  multiplyGroup(products[0], weights, in.q, Full);
  LOOP for (int g = 0; g < groups - 1; ++g) {
    multiplyGroup(products[(g + 1) & 1], weights + (g + 1) * kStride, in.q + (g + 1) * kColumns,
                  Full);
    add(g);
  }
  add(groups - 1);
  for (int token = 0; Full && token < kTokens; ++token)
    sums[token] = acc[token];
}

// A row block and one token.
inline void write(float *y, Floats value, const uint8_t *block) {
  if (kRowScaleAt >= 0) {
    // A sixteenth of a scale is exact: 2^-100 and less became zero.
    const Floats scales = load<Floats>(block + kRowScaleAt);
    value *= kZeroAt >= 0 ? scales * (1.0f / 16) : scales;
  }
  store(y, kAdd ? load<Floats>(y) + value : value);
}

// Groups and their scales: the weights of a panel of groups are unpacked once for 128 tokens.
void multiplyBlock(const uint8_t *block, int tokens, Activations in, float *y) {
  alignas(64) uint8_t unpacked[kUnpacked ? kPanel * kGroupVectors * kVectorBytes : 1];
  Floats sums[kTiles * kTokens];
  for (int token = 0; token < tokens; ++token)
    sums[token] = Floats();
  for (int group = 0; group < kGroups; group += kPanel) {
    const int groups = least(kPanel, kGroups - group);
    const uint8_t *packed = block + group * kGroupBytes;
    if (kUnpacked)
      unpack(unpacked, packed, groups);
    for (int token = 0; token < tokens; token += kTokens) {
      const Activations from = in.from(token);
      const Activations panel = {from.q + group * kColumns, from.scale + group, from.sum + group};
      const uint8_t *weights = kUnpacked ? unpacked : packed;
      if (tokens - token >= kTokens)
        addGroups<true>(sums + token, kTokens, weights, packed, panel, groups);
      else
        addGroups<false>(sums + token, tokens - token, weights, packed, panel, groups);
    }
  }
  for (int token = 0; token < tokens; ++token)
    write(y + int64_t(token) * kRows, sums[token], block);
}

// Whole rows: integers until the end.
void multiplyRows(const uint8_t *block, int tokens, Activations in, float *y) {
  alignas(64) int32_t sums[kChains][kTokens * kLanes] = {};
  constexpr int kCount = kGroups / kSteps, kStepBytes = kSteps * kGroupBytes,
                kStepColumns = kSteps * kColumns;
#define INGOT_MULTIPLY(SUMS, TOKENS, STEP)                                                         \
  __builtin_ia32_tileloadd64(TOKENS, in.q + (STEP) * kStepColumns, kCols);                         \
  __builtin_ia32_tileloadd64(kRowsOf, block + (STEP) * kStepBytes, kVectorBytes);                  \
  __builtin_ia32_tdpbsud(SUMS, TOKENS, kRowsOf)
  if (tokens == kTokens) {
    __builtin_ia32_tilezero(kSums0);
    __builtin_ia32_tilezero(kSums1);
    __builtin_ia32_tilezero(kSums2);
    int step = 0;
    for (; step + kChains <= kCount; step += kChains) {
      INGOT_MULTIPLY(kSums0, kTokensOf, step);
      INGOT_MULTIPLY(kSums1, kTokensOf, step + 1);
      INGOT_MULTIPLY(kSums2, kTokensOf, step + 2);
    }
    for (; step < kCount; ++step) {
      INGOT_MULTIPLY(kSums0, kTokensOf, step);
    }
    __builtin_ia32_tilestored64(kSums0, sums[0], 4 * kLanes);
    __builtin_ia32_tilestored64(kSums1, sums[1], 4 * kLanes);
    __builtin_ia32_tilestored64(kSums2, sums[2], 4 * kLanes);
  } else {
    __builtin_ia32_tilezero(kRestSums);
    for (int step = 0; step < kCount; ++step) {
      INGOT_MULTIPLY(kRestSums, kRestTokens, step);
    }
    __builtin_ia32_tilestored64(kRestSums, sums[0], 4 * kLanes);
  }
#undef INGOT_MULTIPLY
  for (int token = 0; token < tokens; ++token) {
    Ints sum = Ints{} - kZeroPoint * int32_t(in.sum[token]);
    for (const auto &chain : sums)
      sum += load<Ints>(chain + token * kLanes);
    write(y + int64_t(token) * kRows, __builtin_convertvector(sum, Floats) * all(in.scale[token]),
          block);
  }
}

void product(int begin, int end, int tokens, Activations in, const uint8_t *weights, float *y) {
  constexpr int kMost = kWholeRow ? kTokens : kTiles * kTokens;
  configure(tokens % kTokens);
  for (int b = begin; b < end; ++b)
    for (int token = 0; token < tokens; token += kMost) {
      const uint8_t *block = weights + int64_t(b) * kBlockBytes;
      float *out = y + int64_t(token) * kRows + b * kLanes;
      const int count = least(kMost, tokens - token);
      if (kWholeRow)
        multiplyRows(block, count, in.from(token), out);
      else
        multiplyBlock(block, count, in.from(token), out);
    }
  __builtin_ia32_tilerelease();
}

} // namespace
