// The matrix-matrix product of groups. How the instruction of a level multiplies bytes, and in what
// order it wants them, stands behind this (dotprod_groups.h, i8mm_groups.h).
//
// An integer sum begins with the bits of M = 1.5 * 2^23, as a float. As long as |I| < 2^22 (the
// largest is 16 * sum u q - z * sum q of q4r: 1,036,320) the register, read as a float, is M + I
// exactly: no conversion. Then
//
//   fl(d * I) = fl(d * (M + I) - d * M) = fma(d, M + I, -M * d)
//
// with one rounding, as -M * d is exact (d has 11 bits at most, M two): conversion and scale are
// one instruction, and the bits are those of the documented order. (A product of zero may have the
// other sign, which no sum that begins with +0 shows.)
//
// Both kinds of instruction destroy what they add to: M and -M * d are needed once a token. They
// are loaded again each time, as loads wait for nothing and a copy takes the place of a product.
// Nothing else that is the same for all tokens is left in the loop: weights are unpacked once a
// panel, for all tokens.

struct ingot_buffer {
  uint64_t device;
  const void *device_interface;
  uint8_t *host; // nothing else is read
};

namespace {

#define COLD __attribute__((noinline)) // leaves all registers to the loop

constexpr int kColumns = 32; // of a group
constexpr int kGroups = kCols / kColumns;
constexpr int kLanes = 16; // rows of a row block
constexpr int kVectorBytes = 4 * kLanes;
constexpr int kTileRows = 4, kTiles = kLanes / kTileRows; // of a row block
// A panel is what is unpacked at once, of two row blocks, so that a tile of activations is put
// together half as often: 17 KiB (of pairs of tokens 21), and 4 KiB of activations beside it in a
// first cache of 32 KiB. A chunk are the tokens whose sums wait for the next panel: 8 KiB. All of
// it is on the stack.
constexpr int kBlocks = 2;
constexpr int kPanels = (kGroups + 11) / 12, kPanel = (kGroups + kPanels - 1) / kPanels;
constexpr int kChunk = 64, kChunkTiles = kChunk / kTokens;
constexpr float kMagic = 12582912.0f; // M

// 4 rows of a group, as the loop reads them. What is not bytes comes a vector of sums at a time.
struct Rows {
  int8x16_t q[8];
  float32x4_t scale[kSumTokens], minusMagic[kSumTokens];
  float32x4_t extra[kSumTokens]; // the minimum; or 128 less the zero point
};

// A group of a tile of tokens.
struct Tokens {
  int8x16_t q[2 * kTokens];
  float32x4_t scale[2 * kSumTokens], total[2 * kSumTokens];
};

static_assert(!kWholeRow && kTokens == 8);
using Tile = float32x4_t[kTokens]; // sums: tokens, kSumTokens at a time, of their rows
using Products = int32x4_t[kTokens];

// What an instruction has of its own.
inline void orderRows(int8x16_t (&out)[8], const int8x16_t (&quads)[8]); // of columns, 4 rows each
inline void orderTokens(int8x16_t (&out)[2 * kTokens], const int8_t *q); // q: [kTokens][kCols]
inline void multiply(Products &products, const int8_t *w, const int8_t *a);
// sum + a * what the tokens of sum have at `at`, from Tokens::scale or total.
inline float32x4_t fused(float32x4_t sum, float32x4_t a, const int8_t *at, int place, int index);
inline void repeatRows(float32x4_t (&out)[kSumTokens], float32x4_t four);
inline void repeatTokens(float32x4_t (&out)[2 * kSumTokens], const float *values); // kGroups apart
inline float32x4_t rowsOf(const Tile &sums, int token);

inline int least(int a, int b) { return a < b ? a : b; }

// From here on the compiler knows nothing of what `at` points to: it neither takes two loads for
// one nor moves them out of the loop.
template <typename T> inline void forget(T *&at) { asm("" : "+r"(at)); }

// Pointers of the loop stand 8 bytes behind what they point to. Such places are no multiples of
// 16, so that each load is an ldur: one operation where a Neoverse N1 makes two of an ldr and three
// of an ldp, and Cortex-A55 takes six cycles for the latter.
constexpr int kOff = 8;
constexpr int kBack = sizeof(Tokens::q) / 2; // of that of Tokens
inline int8x16_t bytesAt(const int8_t *at, int place) { return vld1q_s8(at + place - kOff); }
inline float32x4_t floatsAt(const int8_t *at, int place) {
  return vreinterpretq_f32_s8(bytesAt(at, place));
}

// Adds `groups` groups to the sums of 4 rows and a tile of tokens.
COLD void addGroups(Tile &sums, const Rows *rows, const Tokens *tokens, int groups) {
  static const float32x4_t magic = {kMagic, kMagic, kMagic, kMagic};
  Tile acc; // in registers
  for (int t = 0; t < kTokens; ++t)
    acc[t] = sums[t];
  const int8_t *m = reinterpret_cast<const int8_t *>(&magic) + kOff;
  const int8_t *w = reinterpret_cast<const int8_t *>(rows) + kOff;
  // An ldur reaches 256 bytes back and forth.
  constexpr int kScales = sizeof(Tokens::q) - kBack, kTotals = kScales + sizeof(Tokens::scale);
  constexpr int kScale = sizeof(Rows::q), kVector = 16 * kSumTokens;
  const int8_t *a = reinterpret_cast<const int8_t *>(tokens) + kBack + kOff;
#pragma clang loop unroll(disable)
  for (int g = 0; g < groups; ++g) {
    forget(w);
    forget(a);
    Products products;
    for (int t = 0; t < kTokens; ++t) {
      forget(m);
      products[t] = vreinterpretq_s32_f32(floatsAt(m, 0));
    }
    multiply(products, w, a);
    float32x4_t scale[kSumTokens], extra[kSumTokens];
    for (int r = 0; r < kSumTokens; ++r) {
      scale[r] = floatsAt(w, kScale + 16 * r);
      extra[r] = floatsAt(w, kScale + 2 * kVector + 16 * r);
    }
    for (int t = 0; t < kTokens; ++t) {
      forget(w);
      const int r = t % kSumTokens;
      float32x4_t value = vreinterpretq_f32_s32(products[t]);
      if (kZeroAt >= 0) // a multiple of 1 below 2^24: exact
        value = fused(value, extra[r], a, kTotals, t);
      value = kScaleAt >= 0 ? vfmaq_f32(floatsAt(w, kScale + kVector + 16 * r), value, scale[r])
                            : vsubq_f32(value, vdupq_n_f32(kMagic));
      if (kMinimumAt >= 0)
        value = fused(value, extra[r], a, kTotals, t);
      acc[t] = fused(acc[t], value, a, kScales, t);
    }
    w += sizeof(Rows);
    a += sizeof(Tokens);
  }
  for (int t = 0; t < kTokens; ++t)
    sums[t] = acc[t];
}

inline float32x4_t halves(const uint8_t *at) {
  return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(at)));
}

inline float32x4_t bytes(const uint8_t *at) {
  const float32x4_t four = {float(at[0]), float(at[1]), float(at[2]), float(at[3])};
  return four;
}

// Signed bytes: the zero point is off. Where it varies and counts in sixteenths, 16 * u - 128.
inline void unpackQuads(int8x16_t *out, const uint8_t *vector, int v) {
  const uint8x16_t all = vld1q_u8(vector), top = vdupq_n_u8(128);
  if (kBits == 8) {
    out[v] = vreinterpretq_s8_u8(veorq_u8(all, top));
  } else if (kZeroAt >= 0) {
    out[2 * v] = vreinterpretq_s8_u8(veorq_u8(vshlq_n_u8(all, 4), top));
    out[2 * v + 1] = vreinterpretq_s8_u8(veorq_u8(vandq_u8(all, vdupq_n_u8(0xf0)), top));
  } else {
    const int8x16_t zero = vdupq_n_s8(int8_t(kZeroPoint));
    out[2 * v] = vsubq_s8(vreinterpretq_s8_u8(vandq_u8(all, vdupq_n_u8(15))), zero);
    out[2 * v + 1] = vsubq_s8(vreinterpretq_s8_u8(vshrq_n_u8(all, 4)), zero);
  }
}

// Unpacks `groups` groups of 4 rows from `row` on.
COLD void unpack(Rows *out, const uint8_t *group, int row, int groups) {
#pragma clang loop unroll(disable)
  for (int g = 0; g < groups; ++g, group += kGroupBytes, ++out) {
    int8x16_t quads[8];
    for (int v = 0; v < kBits; ++v)
      unpackQuads(quads, group + v * kVectorBytes + 4 * row, v);
    orderRows(out->q, quads);
    if (kScaleAt >= 0) {
      const float32x4_t scale =
          kByteScales ? bytes(group + kScaleAt + row) : halves(group + kScaleAt + 2 * row);
      repeatRows(out->scale, scale);
      repeatRows(out->minusMagic, vmulq_n_f32(scale, -kMagic));
    }
    if (kMinimumAt >= 0)
      repeatRows(out->extra, halves(group + kMinimumAt + 2 * row));
    if (kZeroAt >= 0)
      repeatRows(out->extra, vsubq_f32(vdupq_n_f32(128), bytes(group + kZeroAt + row)));
  }
}

// Puts `groups` groups of a tile of tokens together; every argument begins with its first.
COLD void stage(Tokens *out, const int8_t *q, const float *scale, const float *sum, int groups) {
#pragma clang loop unroll(disable)
  for (int g = 0; g < groups; ++g, ++out, ++scale, ++sum, q += kColumns) {
    orderTokens(out->q, q);
    repeatTokens(out->scale, scale);
    if (kZeroAt >= 0 || kMinimumAt >= 0)
      repeatTokens(out->total, sum);
  }
}

// Writes what 4 rows of the tokens from `from` to `to` have become; `sums` begins with `first`.
COLD void write(float *y, const Tile &sums, const uint8_t *rowScale, int first, int from, int to) {
  float32x4_t scale = {};
  if (kRowScaleAt >= 0) {
    // A sixteenth of a scale is exact: 2^-100 and less became zero.
    scale = vreinterpretq_f32_u8(vld1q_u8(rowScale));
    scale = kZeroAt >= 0 ? vmulq_n_f32(scale, 1.0f / 16) : scale;
  }
#pragma clang loop unroll(disable)
  for (int t = from; t < to; ++t) {
    float *const out = y + int64_t(t) * kRows;
    const float32x4_t rows = rowsOf(sums, t - first),
                      value = kRowScaleAt >= 0 ? vmulq_f32(rows, scale) : rows;
    vst1q_f32(out, kAdd ? vaddq_f32(vld1q_f32(out), value) : value);
  }
}

struct Chunk {
  Rows rows[kBlocks][kTiles][kPanel];
  Tokens staged[kPanel];
  Tile sums[kChunkTiles][kBlocks][kTiles];
};

// Row blocks of `blocks`, `y` being their first row: tokens from `from` to `to` of `tokens`.
void chunkOf(Chunk &of, int blocks, int from, int to, int tokens, const int8_t *q,
             const float *scale, const float *sum, const uint8_t *weights, float *y) {
  // The last tile begins early enough to be full. There are at least kTokens tokens in memory.
  const int latest = tokens > kTokens ? tokens - kTokens : 0;
  for (auto &tile : of.sums)
    for (auto &block : tile)
      for (Tile &four : block)
        for (float32x4_t &one : four)
          one = vdupq_n_f32(0);
  for (int group = 0; group < kGroups; group += kPanel) {
    const int groups = least(kPanel, kGroups - group);
    for (int b = 0; b < blocks; ++b)
      for (int r = 0; r < kTiles; ++r)
        unpack(of.rows[b][r], weights + int64_t(b) * kBlockBytes + group * kGroupBytes,
               kTileRows * r, groups);
    for (int token = from; token < to; token += kTokens) {
      const int64_t first = least(token, latest);
      stage(of.staged, q + first * kCols + group * kColumns, scale + first * kGroups + group,
            sum + first * kGroups + group, groups);
      for (int b = 0; b < blocks; ++b)
        for (int r = 0; r < kTiles; ++r)
          addGroups(of.sums[(token - from) / kTokens][b][r], of.rows[b][r], of.staged, groups);
    }
  }
  for (int token = from; token < to; token += kTokens)
    for (int b = 0; b < blocks; ++b)
      for (int r = 0; r < kTiles; ++r)
        write(y + b * kLanes + kTileRows * r, of.sums[(token - from) / kTokens][b][r],
              weights + int64_t(b) * kBlockBytes + kRowScaleAt + 4 * kTileRows * r,
              least(token, latest), token, least(token + kTokens, to));
}

void product(int begin, int end, int tokens, const int8_t *q, const float *scale, const float *sum,
             const uint8_t *weights, float *y) {
  Chunk chunk;
  for (int token = 0; token < tokens; token += kChunk)
    for (int b = begin; b < end; b += kBlocks)
      chunkOf(chunk, least(kBlocks, end - b), token, least(token + kChunk, tokens), tokens, q,
              scale, sum, weights + int64_t(b) * kBlockBytes, y + b * kLanes);
}

} // namespace
