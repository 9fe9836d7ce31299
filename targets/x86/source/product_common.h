// What the products of bytes share.

#include <stdint.h>

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

constexpr int kColumns = 32; // of a group
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

constexpr int least(int a, int b) { return a < b ? a : b; }

// Vectors are clang's own; what no operator does is an instruction's name.
template <typename Vector> inline Vector load(const void *at) {
  Vector out;
  __builtin_memcpy(&out, at, sizeof out);
  return out;
}
template <typename Vector> inline void store(void *at, const Vector &value) {
  __builtin_memcpy(at, &value, sizeof value);
}

} // namespace
