//===- VectorTest.h - What the tests of the small kernels share -----------===//
#ifndef INGOT_TEST_KERNELS_VECTORTEST_H
#define INGOT_TEST_KERNELS_VECTORTEST_H

#include "test/kernels/KernelLibrary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

namespace ingot::test {

// How far a kernel may be from the same arithmetic in double precision. What
// is not listed is compared bit for bit.
inline constexpr double kNormRelative = 2e-6;      ///< rms_norm: of the value
inline constexpr double kSwiGluRelative = 2e-6;    ///< swiglu: of the value
inline constexpr double kAngleAbsolute = 1e-6;     ///< rope_angles: of 1
inline constexpr double kRopeRelative = 2e-7;      ///< roped values: of |a| + |b|
inline constexpr double kAttentionRelative = 2e-6; ///< attention: of the largest value
/// The same with weights of 14 bits: 64 of them in a block, each off by up to
/// half a step, 1/32766 of the largest. 64 times that is the bound, a quarter of
/// it what comes of independent errors.
inline constexpr double kAttentionBytes = 5e-4;

/// What a kernel must leave alone holds this.
inline constexpr float kUntouched = 1234.5f;

inline std::vector<float> randomFloats(size_t count, unsigned seed, float scale = 1.0f) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.0f, scale);
  std::vector<float> values(count);
  for (float &value : values)
    value = normal(random);
  return values;
}

/// A kernel at one level, in a library that is already built.
struct KernelAt {
  const KernelLibrary &library;
  RunnableLevel level;

  void operator()(const KernelSpec &spec, const std::vector<int32_t> &scalars,
                  const std::vector<Buffer> &buffers) const {
    ASSERT_EQ(0, library.call(spec, level, scalars, buffers))
        << kernelSymbol(spec, level.level->name);
  }
};

/// True when both hold the same bytes; says the first difference otherwise.
template <typename T>
testing::AssertionResult sameBits(const std::vector<T> &a, const std::vector<T> &b) {
  if (a.size() != b.size())
    return testing::AssertionFailure() << "sizes " << a.size() << " and " << b.size();
  for (size_t i = 0; i < a.size(); ++i)
    if (std::memcmp(&a[i], &b[i], sizeof(T)) != 0)
      return testing::AssertionFailure() << "element " << i << ": " << +a[i] << " and " << +b[i];
  return testing::AssertionSuccess();
}

/// The three buffers of 8-bit activations.
struct Quantized {
  std::vector<int8_t> q;
  std::vector<float> scale, sum;
  size_t group; ///< columns that share a scale

  Quantized(size_t rows, size_t cols, size_t group = 32)
      : q(rows * cols, 77), scale(rows * cols / group, kUntouched), sum(scale), group(group) {}

  std::vector<Buffer> buffers() const { return {q, scale, sum}; }

  /// The groups [first, last) of floats `x`, as QuantizedRows.h says.
  void quantize(const float *x, size_t first, size_t last) {
    for (size_t g = first; g < last; ++g) {
      float most = 0;
      for (size_t i = 0; i < group; ++i)
        most = std::max(most, std::fabs(x[g * group + i]));
      scale[g] = most >= 0x1p-100f ? most / 127.0f : 0.0f;
      const float inverse = scale[g] > 0 ? 1.0f / scale[g] : 0.0f;
      sum[g] = 0;
      for (size_t i = 0; i < group; ++i) {
        q[g * group + i] = int8_t(std::nearbyint(x[g * group + i] * inverse));
        sum[g] += q[g * group + i];
      }
    }
  }
};

inline testing::AssertionResult sameBits(const Quantized &a, const Quantized &b) {
  if (auto same = sameBits(a.scale, b.scale); !same)
    return same << " of scale";
  if (auto same = sameBits(a.q, b.q); !same)
    return same << " of q";
  return sameBits(a.sum, b.sum) << " of sum";
}

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_VECTORTEST_H
