// What the products of bytes share, before avxvnni_product.h or amx_product.h.
//
// A group's integer I becomes a float without an instruction. Let B = 1.5 * 2^23: floats from
// 2^23 to 2^24 are integers, one apart, so for |I| < 2^22 the bits of the float B + I are the
// bits of B plus I. A sum that begins with the bits of B, read as a float, is therefore exactly
// B + I, and
//   B + I - z * t       is exact in one fused multiply-add while it stays in that range
//   fma(B + I, d, -B*d) rounds once, (B + I) * d - B * d = I * d: the bits of I * d,
//                       since -B * d is exact (2 bits of B times at most 11 of d).
// A group has |I| <= 255 * 127 * 32 < 2^20, and so has what a zero point takes from it. (Where
// I is 0, the product's zero may have the other sign; a sum that began with +0 never shows it.)

struct ingot_buffer {
  uint64_t device;
  const void *device_interface;
  uint8_t *host; // nothing else is read
};

namespace {

#define COLD __attribute__((noinline)) // leaves all registers to the loop
#define UNROLLED _Pragma("clang loop unroll(full)")
#define LOOP _Pragma("clang loop unroll(disable)")

// Of the overloads for groups and for whole rows a kernel calls one.
#pragma clang diagnostic ignored "-Wunused-function"

constexpr float kBase = 12582912.0f; // B
constexpr int kColumns = 32;         // of a group
constexpr int kGroups = kCols / kColumns;
constexpr int kLanes = 16; // rows of a row block
constexpr int kVectorBytes = 4 * kLanes;
constexpr int kVectors = kColumns * kBits / 32;  // of a group
constexpr int kScales = kWholeRow ? 1 : kGroups; // of a token

// The activations from a token on.
struct Activations {
  const int8_t *q;
  const float *scale, *sum;

  Activations from(int token) const {
    return {q + int64_t(token) * kCols, scale + int64_t(token) * kScales,
            sum + int64_t(token) * kScales};
  }
};

inline int least(int a, int b) { return a < b ? a : b; }

} // namespace
