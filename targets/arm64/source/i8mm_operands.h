// usmmla multiplies 2 rows x 8 columns by 2 tokens x 8 columns and adds 2 x 2 integers, so a
// register of sums is (r0 t0, r0 t1, r1 t0, r1 t1).

struct ingot_buffer {
  uint64_t device;
  const void *device_interface;
  uint8_t *host; // nothing else is read
};

namespace {

#define COLD __attribute__((noinline)) // leaves all registers to the loop

// Of the overloads for groups and for whole rows a kernel calls one.
#pragma clang diagnostic ignored "-Wunused-function"

constexpr int kColumns = 32; // of a group
constexpr int kGroups = kCols / kColumns;
constexpr int kLanes = 16; // rows of a row block
constexpr int kVectorBytes = 4 * kLanes;
constexpr int kSteps = kColumns / 8; // of 8 columns
constexpr int kPairs = kTokens / 2;  // of tokens
// Registers: 2 x 4 sums of floats and 2 x 4 of integers, or 4 x 4 of integers.
constexpr int kTileRows = kWholeRow ? 8 : 4;
constexpr int kRowPairs = kTileRows / 2, kTiles = kLanes / kTileRows;
// Activations are put in order for this many row blocks, which stay in a second cache of
// 256 KiB meanwhile, and for this many groups, which bounds the stack.
constexpr int kMost = (128 << 10) / kBlockBytes;
constexpr int kBlocks = kMost < 2 ? 2 : kMost > 6 ? 6 : kMost;
constexpr int kPanels = (kGroups + 15) / 16, kPanel = (kGroups + kPanels - 1) / kPanels;
// The activations of a group as the instruction takes them.
template <bool WholeRow> struct Group {
  using Sum = float32x4_t;
  int8x16_t q[kSteps][kPairs]; // 2 tokens x 8 columns
  float32x4_t scale[kPairs];   // (t0, t1, t0, t1)
  float32x4_t total[kPairs];   // the sums of q, where there is a minimum
  int32x4_t start[kPairs];     // -kZeroPoint times them, where there is not; -1 where it varies
};
template <> struct Group<true> {
  using Sum = int32x4_t;
  int8x16_t q[kSteps][kPairs];
};
using Staged = Group<kWholeRow>;
using Sum = Staged::Sum;
template <bool WholeRow> using SumsOf = typename Group<WholeRow>::Sum[kRowPairs][kPairs];
using Sums = SumsOf<kWholeRow>; // of a tile

inline int least(int a, int b) { return a < b ? a : b; }

// What takes the zero point off the integers of two tokens. It begins with them: everything
// up to a group's scale stays below 2^24, so that integers and floats are the same.
inline int32x4_t startOf(float total0, float total1) {
  constexpr int kFactor = kZeroAt >= 0 ? -1 : -kZeroPoint;
  const int32x2_t start = {kFactor * int32_t(total0), kFactor * int32_t(total1)};
  return vcombine_s32(start, start);
}

inline void stageScales(Group<true> &, const float *, const float *, int64_t, int64_t, int) {}

inline void stageScales(Group<false> &out, const float *scale, const float *sum, int64_t at0,
                        int64_t at1, int pair) {
  const float32x2_t scales = {scale[at0], scale[at1]}, totals = {sum[at0], sum[at1]};
  out.scale[pair] = vcombine_f32(scales, scales);
  if (kMinimumAt >= 0)
    out.total[pair] = vcombine_f32(totals, totals);
  else
    out.start[pair] = startOf(sum[at0], sum[at1]);
}

// Weights lie by vectors of 4 rows, [vector][row][4 bytes]; two of them, zipped, are two
// operands of 8 bytes a row. Of bytes these are quads 0 and 1 of the columns. Where a nibble's
// neighbour in its byte is of the next quad, they are 0 and 2 (the low ones), and 1 and 3.

// 16 columns of two tokens, in the order of the operands.
inline void orderQuads(int8x16_t t0, int8x16_t t1, int8x16_t &first, int8x16_t &second) {
  const int32x4_t a = vreinterpretq_s32_s8(t0), b = vreinterpretq_s32_s8(t1);
  const int64x2_t c = vreinterpretq_s64_s8(t0), d = vreinterpretq_s64_s8(t1);
  first =
      kBits == 4 ? vreinterpretq_s8_s32(vuzp1q_s32(a, b)) : vreinterpretq_s8_s64(vzip1q_s64(c, d));
  second =
      kBits == 4 ? vreinterpretq_s8_s32(vuzp2q_s32(a, b)) : vreinterpretq_s8_s64(vzip2q_s64(c, d));
}

// Two neighbouring vectors of 4 rows: the first two rows and the last two.
inline void zipRows(const uint8_t *vector, uint8x16_t &rows01, uint8x16_t &rows23) {
  const uint32x4_t a = vreinterpretq_u32_u8(vld1q_u8(vector)),
                   b = vreinterpretq_u32_u8(vld1q_u8(vector + kVectorBytes));
  rows01 = vreinterpretq_u8_u32(vzip1q_u32(a, b));
  rows23 = vreinterpretq_u8_u32(vzip2q_u32(a, b));
}

// 4 rows x 16 columns: both operands of two rows.
inline void operands(const uint8_t *weights, int half, uint8x16_t (&first)[2],
                     uint8x16_t (&second)[2]) {
  if (kBits == 8) {
    zipRows(weights + 4 * half * kVectorBytes, first[0], first[1]);
    zipRows(weights + (4 * half + 2) * kVectorBytes, second[0], second[1]);
    return;
  }
  uint8x16_t both[2];
  zipRows(weights + 2 * half * kVectorBytes, both[0], both[1]);
  for (int r = 0; r < 2; ++r) {
    // With zero points in sixteenths of a step, 16 times the product is what is wanted.
    first[r] = kZeroAt >= 0 ? vshlq_n_u8(both[r], 4) : vandq_u8(both[r], vdupq_n_u8(15));
    second[r] = kZeroAt >= 0 ? vandq_u8(both[r], vdupq_n_u8(0xf0)) : vshrq_n_u8(both[r], 4);
  }
}

// Puts `groups` groups of a tile of tokens in order; the last token stands for those behind it.
COLD void stage(Staged *out, const int8_t *q, const float *scale, const float *sum, int group,
                int groups, int token, int tokens) {
  for (int pair = 0; pair < kPairs; ++pair) {
    const int64_t t0 = least(token + 2 * pair, tokens - 1),
                  t1 = least(token + 2 * pair + 1, tokens - 1);
    for (int g = 0; g < groups; ++g) {
      const int8_t *q0 = q + t0 * kCols + (group + g) * kColumns,
                   *q1 = q + t1 * kCols + (group + g) * kColumns;
      for (int half = 0; half < 2; ++half)
        orderQuads(vld1q_s8(q0 + 16 * half), vld1q_s8(q1 + 16 * half), out[g].q[2 * half][pair],
                   out[g].q[2 * half + 1][pair]);
      stageScales(out[g], scale, sum, t0 * kGroups + group + g, t1 * kGroups + group + g, pair);
    }
  }
}

} // namespace
