//===- ActivationTest.cpp - norm, quantize and swiglu ---------------------===//
//
// rms_norm and swiglu against double precision; quantize bit for bit against
// scalar code; the fused forms bit for bit against the plain ones followed by
// scalar quantisation. Whatever the split into rows or groups, the same bits,
// and nothing outside the share is touched.
//
//===----------------------------------------------------------------------===//

#include "test/kernels/VectorTest.h"

using namespace ingot;
using namespace ingot::test;

namespace {

constexpr int64_t kRows = 7;
constexpr int64_t kNormCols[] = {1, 5, 31, 32, 33, 64, 100, 576, 1152};
constexpr int64_t kQuantCols[] = {32, 64, 96, 576, 1536};
constexpr int64_t kFeatures[] = {1, 15, 16, 40, 96, 1536};
constexpr float kEps = 1e-5f;

KernelSpec norm(int64_t cols) {
  return {"rms_norm", {{"cols", cols}, {"eps_bits", std::bit_cast<int32_t>(kEps)}}};
}
KernelSpec normQuantize(int64_t cols) {
  return {"rms_norm_quantize", {{"cols", cols}, {"eps_bits", std::bit_cast<int32_t>(kEps)}}};
}
KernelSpec quantize(int64_t cols) { return {"quantize", {{"cols", cols}}}; }
KernelSpec quantizeToken(int64_t cols) { return {"quantize_token", {{"cols", cols}}}; }
KernelSpec swiglu(int64_t features, int64_t group) {
  return {"swiglu", {{"features", features}, {"group", group}}};
}
KernelSpec swigluQuantize(int64_t features) {
  return {"swiglu_quantize", {{"features", features}, {"group", 32}}};
}

class ActivationTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    library = new KernelLibrary;
    for (const RunnableLevel &level : runnableLevels()) {
      for (int64_t cols : kNormCols)
        library->add(norm(cols), level);
      for (int64_t cols : kQuantCols) {
        library->add(norm(cols), level);
        library->add(normQuantize(cols), level);
        library->add(quantize(cols), level);
        library->add(quantizeToken(cols), level);
        library->add(swiglu(cols, 32), level);
        library->add(swigluQuantize(cols), level);
      }
      for (int64_t features : kFeatures)
        library->add(swiglu(features, 16), level);
    }
    buildError = library->build();
  }
  static void TearDownTestSuite() { delete library; }
  void SetUp() override { ASSERT_EQ("", buildError); }

  static void forEachLevel(const std::function<void(const KernelAt &)> &body) {
    for (const RunnableLevel &level : runnableLevels()) {
      SCOPED_TRACE(level.level->name);
      body({*library, level});
    }
  }

  static KernelLibrary *library;
  static std::string buildError;
};

KernelLibrary *ActivationTest::library;
std::string ActivationTest::buildError;

/// rms_norm of all rows at once, or row by row.
std::vector<float> runNorm(const KernelAt &call, int64_t cols, const std::vector<float> &x,
                           const std::vector<float> &weight, int32_t step) {
  std::vector<float> y(x.size(), kUntouched);
  for (int32_t r = 0; r < kRows; r += step)
    call(norm(cols), {r, std::min<int32_t>(r + step, kRows)}, {x, weight, y});
  return y;
}

std::vector<float> runSwiglu(const KernelAt &call, int64_t features, int64_t group,
                             const std::vector<float> &gu) {
  std::vector<float> y(kRows * features, kUntouched);
  call(swiglu(features, group), {kRows, 0, int32_t((features + group - 1) / group)}, {gu, y});
  return y;
}

/// Values of every size: the exponential must neither overflow nor vanish.
std::vector<float> gateUp(int64_t features, int64_t group) {
  const int64_t width = (features + group - 1) / group * group * 2;
  std::vector<float> gu = randomFloats(kRows * width, unsigned(features), 4.0f);
  for (size_t i = 0; i < gu.size(); i += 17)
    gu[i] = (i % 2 ? 60.0f : -60.0f) + float(i % 5);
  gu[0] = -1000.0f;
  return gu;
}

TEST_F(ActivationTest, NormIsCloseToDouble) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t cols : kNormCols) {
      std::vector<float> x = randomFloats(kRows * cols, unsigned(cols));
      x[cols / 2] = 22552.0f; // as large as residual streams get
      const std::vector<float> weight = randomFloats(cols, 3);
      const std::vector<float> y = runNorm(call, cols, x, weight, kRows);
      for (int64_t r = 0; r < kRows; ++r) {
        double squares = 0;
        for (int64_t c = 0; c < cols; ++c)
          squares += double(x[r * cols + c]) * x[r * cols + c];
        const double inverse = 1 / std::sqrt(squares / double(cols) + double(kEps));
        for (int64_t c = 0; c < cols; ++c) {
          const double expected = x[r * cols + c] * inverse * weight[c];
          ASSERT_NEAR(expected, y[r * cols + c], kNormRelative * std::fabs(expected))
              << "cols " << cols << " row " << r << " col " << c;
        }
      }
    }
  });
}

TEST_F(ActivationTest, NormOfZerosIsZero) {
  forEachLevel([](const KernelAt &call) {
    const std::vector<float> x(kRows * 576), weight = randomFloats(576, 3);
    for (float y : runNorm(call, 576, x, weight, kRows))
      ASSERT_EQ(0.0f, y);
  });
}

TEST_F(ActivationTest, NormOfARowDoesNotDependOnTheOthers) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t cols : kNormCols) {
      const std::vector<float> x = randomFloats(kRows * cols, unsigned(cols));
      const std::vector<float> weight = randomFloats(cols, 3);
      const std::vector<float> all = runNorm(call, cols, x, weight, kRows);
      EXPECT_TRUE(sameBits(all, runNorm(call, cols, x, weight, 1))) << cols;
      EXPECT_TRUE(sameBits(all, runNorm(call, cols, x, weight, 3))) << cols;
    }
  });
}

TEST_F(ActivationTest, QuantizeIsExact) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t cols : kQuantCols) {
      std::vector<float> x = randomFloats(kRows * cols, unsigned(cols), 10.0f);
      // Zeros; one outlier; all equal; a tie; too small for a reciprocal.
      std::fill_n(x.begin(), 32, 0.0f);
      x[cols + 3] = -3e38f;
      std::fill_n(x.begin() + 2 * cols, 32, -0.37f);
      std::fill_n(x.begin() + 3 * cols, 32, 0.5f);
      x[3 * cols + 31] = 127.0f;
      std::fill_n(x.begin() + 4 * cols, 32, 1e-38f);
      const int32_t begin = 0, end = kRows - 1; // the last row is not ours
      Quantized found(kRows, cols), expected(kRows, cols);
      std::vector<Buffer> buffers = {x};
      for (const Buffer &b : found.buffers())
        buffers.push_back(b);
      call(quantize(cols), {begin, end}, buffers);
      expected.quantize(x.data(), 0, size_t(end) * cols / 32);
      EXPECT_TRUE(sameBits(expected, found)) << cols;
    }
  });
}

TEST_F(ActivationTest, QuantizeTokenIsExact) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t cols : kQuantCols) {
      std::vector<float> x = randomFloats(kRows * cols, unsigned(cols), 10.0f);
      // A row of zeros; an outlier in the last column; one too small for a reciprocal.
      std::fill_n(x.begin(), cols, 0.0f);
      x[2 * cols - 1] = -3e38f;
      std::fill_n(x.begin() + 2 * cols, cols, 1e-38f);
      const int32_t begin = 0, end = kRows - 1; // the last row is not ours
      Quantized found(kRows, cols, cols), expected(kRows, cols, cols);
      std::vector<Buffer> buffers = {x};
      for (const Buffer &b : found.buffers())
        buffers.push_back(b);
      call(quantizeToken(cols), {begin, end}, buffers);
      expected.quantize(x.data(), 0, size_t(end));
      EXPECT_TRUE(sameBits(expected, found)) << cols;
    }
  });
}

/// Of `x`, whose largest value is `most`, the floats next to every half of a scale.
void fillWithTies(float *x, int64_t count, float most) {
  const float inverse = 1.0f / (most / 127.0f);
  for (int64_t i = 1; i < count; ++i) {
    const float half = float(i * 5 % 126) + 0.5f;
    const int32_t tie = std::bit_cast<int32_t>(half / inverse);
    x[i] = std::bit_cast<float>(tie + int32_t(i % 5) - 2) * (i % 3 ? 1.0f : -1.0f);
  }
  x[0] = most;
}

TEST_F(ActivationTest, QuantizeRoundsWhatAFloatRounds) {
  forEachLevel([](const KernelAt &call) {
    constexpr int64_t kCols = 1536;
    std::vector<float> x(kRows * kCols);
    for (int64_t i = 0; i < int64_t(x.size()); i += 32)
      fillWithTies(&x[i], 32, std::ldexp(1.0f + float(i % 2311) / 2311.0f, int(i % 97) - 60));
    std::vector<float> token(x.size());
    for (int64_t r = 0; r < kRows; ++r)
      fillWithTies(&token[r * kCols], kCols, std::ldexp(1.0f + float(r) / 11.0f, int(r * 30) - 99));
    Quantized groups(kRows, kCols), tokens(kRows, kCols, kCols), expected(kRows, kCols),
        expectedTokens(kRows, kCols, kCols);
    call(quantize(kCols), {0, kRows}, {x, groups.q, groups.scale, groups.sum});
    call(quantizeToken(kCols), {0, kRows}, {token, tokens.q, tokens.scale, tokens.sum});
    expected.quantize(x.data(), 0, x.size() / 32);
    expectedTokens.quantize(token.data(), 0, kRows);
    EXPECT_TRUE(sameBits(expected, groups));
    EXPECT_TRUE(sameBits(expectedTokens, tokens));
  });
}

TEST_F(ActivationTest, FusedNormQuantizesWhatNormGives) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t cols : kQuantCols) {
      const std::vector<float> x = randomFloats(kRows * cols, unsigned(cols), 30.0f);
      const std::vector<float> weight = randomFloats(cols, 3);
      const std::vector<float> y = runNorm(call, cols, x, weight, kRows);
      Quantized found(kRows, cols), expected(kRows, cols);
      std::vector<Buffer> buffers = {x, weight};
      for (const Buffer &b : found.buffers())
        buffers.push_back(b);
      for (auto [begin, end] : {std::pair(1, 2), std::pair(2, 6)})
        call(normQuantize(cols), {begin, end}, buffers);
      expected.quantize(y.data(), 1 * cols / 32, 6 * cols / 32);
      EXPECT_TRUE(sameBits(expected, found)) << cols;
    }
  });
}

TEST_F(ActivationTest, SwiGluIsCloseToDouble) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t group : {16, 32})
      for (int64_t features : group == 16
                                  ? std::vector<int64_t>(std::begin(kFeatures), std::end(kFeatures))
                                  : std::vector<int64_t>{96, 1536}) {
        const std::vector<float> gu = gateUp(features, group);
        const int64_t width = int64_t(gu.size()) / kRows;
        const std::vector<float> y = runSwiglu(call, features, group, gu);
        for (int64_t i = 0; i < kRows * features; ++i) {
          const int64_t row = i / features, f = i % features;
          const float *at = &gu[row * width + f / group * 2 * group + f % group];
          const double gate = at[0], up = at[group];
          const double expected = gate / (1 + std::exp(-gate)) * up;
          // Beyond -87 the kernel's value is not the function's, but as good as 0.
          ASSERT_NEAR(expected, y[i], kSwiGluRelative * std::fabs(expected) + 1e-30)
              << "features " << features << " gate " << gate << " up " << up;
        }
      }
  });
}

TEST_F(ActivationTest, SwiGluOfEverySizeIsCloseToDouble) {
  forEachLevel([](const KernelAt &call) {
    constexpr int64_t kFeatures = 1536, kGroup = 32;
    std::vector<float> gu = randomFloats(kRows * 2 * kFeatures, 5);
    for (size_t i = 0; i < gu.size(); ++i)
      gu[i] = std::ldexp(gu[i], i % 64 < 32 ? int(i * 7 % 57) - 52 : int(i * 11 % 81) - 40);
    gu[0] = gu[33] = 0;
    const std::vector<float> y = runSwiglu(call, kFeatures, kGroup, gu);
    for (size_t i = 0; i < y.size(); ++i) {
      const double gate = gu[i / 32 * 64 + i % 32], up = gu[i / 32 * 64 + 32 + i % 32];
      const double expected = gate / (1 + std::exp(-gate)) * up;
      ASSERT_NEAR(expected, y[i], kSwiGluRelative * std::fabs(expected) + 1e-30)
          << "gate " << gate << " up " << up;
    }
  });
}

TEST_F(ActivationTest, SwiGluKeepsToItsGroups) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t features : {40, 96}) {
      const std::vector<float> gu = gateUp(features, 16);
      const std::vector<float> all = runSwiglu(call, features, 16, gu);
      std::vector<float> y(all.size(), kUntouched);
      call(swiglu(features, 16), {kRows, 1, 2}, {gu, y});
      for (size_t i = 0; i < y.size(); ++i)
        ASSERT_EQ(int64_t(i) % features / 16 == 1 ? all[i] : kUntouched, y[i]) << i;
      call(swiglu(features, 16), {kRows, 0, 1}, {gu, y});
      call(swiglu(features, 16), {kRows, 2, int32_t(features + 15) / 16}, {gu, y});
      EXPECT_TRUE(sameBits(all, y));
    }
  });
}

TEST_F(ActivationTest, FusedSwiGluQuantizesWhatSwiGluGives) {
  forEachLevel([](const KernelAt &call) {
    for (int64_t features : kQuantCols) {
      const std::vector<float> gu = gateUp(features, 32);
      const std::vector<float> y = runSwiglu(call, features, 32, gu);
      const int64_t groups = features / 32, begin = groups / 3, end = groups;
      Quantized found(kRows, features), expected(kRows, features);
      std::vector<float> written(y.size(), kUntouched), own(written);
      std::vector<Buffer> buffers = {gu, written};
      for (const Buffer &b : found.buffers())
        buffers.push_back(b);
      call(swigluQuantize(features), {kRows, int32_t(begin), int32_t(end)}, buffers);
      for (int64_t r = 0; r < kRows; ++r) {
        expected.quantize(y.data(), r * groups + begin, r * groups + end);
        std::copy(&y[r * features + 32 * begin], &y[r * features] + 32 * end,
                  &own[r * features + 32 * begin]);
      }
      EXPECT_TRUE(sameBits(own, written)) << features;
      EXPECT_TRUE(sameBits(expected, found)) << features;
    }
  });
}

} // namespace
