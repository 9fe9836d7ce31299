// The reference ops against numbers worked out by hand or by another formula.

#include "dialects/llm/reference/Ops.h"
#include "dialects/llm/reference/Products.h"

#include "gtest/gtest.h"

#include <cmath>
#include <numbers>

using namespace ingot;
using namespace ingot::reference;

static Rows make(int64_t rows, std::vector<float> data) {
  Rows x(rows, int64_t(data.size()) / rows);
  x.data = std::move(data);
  return x;
}

static Rows waves(int64_t rows, int64_t cols, double seed) {
  Rows x(rows, cols);
  for (size_t i = 0; i < x.data.size(); ++i)
    x.data[i] = float(std::sin(seed + 0.37 * double(i * i % 101)));
  return x;
}

static void expectNear(const Rows &found, const Rows &expected, double bound) {
  ASSERT_EQ(found.rows, expected.rows);
  ASSERT_EQ(found.cols, expected.cols);
  for (size_t i = 0; i < found.data.size(); ++i)
    EXPECT_NEAR(found.data[i], expected.data[i], bound) << "element " << i;
}

TEST(RmsNorm, DividesByTheRootOfTheMeanSquare) {
  const std::vector<float> weight = {1, 2};
  const Rows y = rmsNorm(make(2, {3, 4, -3, -4}), weight, 0);
  expectNear(y, make(2, {0.84852814f, 2.2627417f, -0.84852814f, -2.2627417f}), 1e-6);
}

TEST(RmsNorm, EpsilonKeepsZeroRowsZero) {
  const std::vector<float> weight = {1, 2};
  expectNear(rmsNorm(make(1, {0, 0}), weight, 1e-5), make(1, {0, 0}), 0);
  // mean of squares 0.01, eps 0.03: divided by 0.2.
  expectNear(rmsNorm(make(1, {0.1f, 0.1f}), weight, 0.03), make(1, {0.5f, 1}), 1e-6);
}

TEST(RmsNorm, LargeValuesDoNotOverflow) {
  const std::vector<float> weight = {1, 1};
  expectNear(rmsNorm(make(1, {1e30f, -1e30f}), weight, 1e-5), make(1, {1, -1}), 1e-6);
}

TEST(Rope, RotatesHalfStylePairs) {
  // theta 100, head_dim 4: frequencies 1 and 1/10; pairs (0, 2) and (1, 3).
  const Rows y = rope(make(1, {1, 0, 0, 2}), /*position=*/3, 4, 100, RopePairs::Half);
  expectNear(y,
             make(1, {float(std::cos(3.0)), float(-2 * std::sin(0.3)), float(std::sin(3.0)),
                      float(2 * std::cos(0.3))}),
             1e-6);
}

TEST(Rope, RotatesInterleavedPairs) {
  const Rows y = rope(make(1, {1, 0, 0, 2}), /*position=*/3, 4, 100, RopePairs::Interleaved);
  expectNear(y,
             make(1, {float(std::cos(3.0)), float(std::sin(3.0)), float(-2 * std::sin(0.3)),
                      float(2 * std::cos(0.3))}),
             1e-6);
}

TEST(Rope, EveryRowAndHeadHasItsPosition) {
  const Rows x = waves(3, 16, 0.2);
  const Rows y = rope(x, 7, 8, 1e4, RopePairs::Half);
  for (int64_t r = 0; r < 3; ++r)
    for (int64_t head = 0; head < 2; ++head) {
      const Rows alone = slice(make(1, {x.row(r).begin(), x.row(r).end()}), head * 8, 8);
      const Rows expected = rope(alone, 7 + r, 8, 1e4, RopePairs::Half);
      for (int64_t c = 0; c < 8; ++c)
        EXPECT_EQ(y.row(r)[size_t(head * 8 + c)], expected.data[size_t(c)]);
    }
}

TEST(Attention, OnePositionReturnsItsValue) {
  KvSlot slot(KvKind::F32, 1, 4);
  const Rows y =
      attention(waves(1, 4, 1), waves(1, 4, 2), make(1, {1, 2, 3, 4}), slot, 0, {1, 1, 4, 0.5});
  expectNear(y, make(1, {1, 2, 3, 4}), 1e-6);
}

TEST(Attention, WeightsAreTheSoftmaxOfScaledDots) {
  KvSlot slot(KvKind::F32, 1, 2);
  // Scores of row 1: 0.5 * (2 * 1) = 1 and 0.5 * (2 * 3) = 3.
  const Rows y = attention(make(2, {9, 9, 2, 0}), make(2, {1, 0, 3, 0}), make(2, {1, 10, 2, 20}),
                           slot, 0, {1, 1, 2, 0.5});
  const double late = 1 / (1 + std::exp(-2.0));
  expectNear(y, make(2, {1, 10, float(1 + late), float(10 * (1 + late))}), 1e-5);
}

TEST(Attention, QueryHeadsShareKvHeadsInOrder) {
  KvSlot slot(KvKind::F32, 2, 1);
  const Rows y = attention(waves(1, 4, 1), waves(1, 2, 2), make(1, {5, 7}), slot, 0, {4, 2, 1, 1});
  expectNear(y, make(1, {5, 5, 7, 7}), 1e-6);
}

TEST(Attention, ChunksGiveTheSameBits) {
  const AttentionShape shape{4, 2, 8, 0.3};
  const Rows q = waves(5, 32, 1), k = waves(5, 16, 2), v = waves(5, 16, 3);
  KvSlot whole(KvKind::F16, 2, 8), chunked(KvKind::F16, 2, 8);
  const Rows expected = attention(q, k, v, whole, 0, shape);
  const auto part = [](const Rows &x, int64_t begin, int64_t count) {
    return make(count, {x.row(begin).data(), x.row(begin).data() + count * x.cols});
  };
  for (auto [begin, count] : {std::pair<int64_t, int64_t>{0, 2}, {2, 1}, {3, 2}}) {
    const Rows y = attention(part(q, begin, count), part(k, begin, count), part(v, begin, count),
                             chunked, begin, shape);
    EXPECT_EQ(y.data, part(expected, begin, count).data);
  }
}

TEST(Swiglu, IsSiluTimesUp) {
  expectNear(swiglu(make(1, {1, 0, -100}), make(1, {2, 5, 3})), make(1, {1.4621172f, 0, 0}), 1e-6);
}

TEST(SwigluInterleaved, DropsThePaddingOfTheLastTurn) {
  const Rows gate = waves(2, 5, 1), up = waves(2, 5, 2);
  Rows both(2, 12); // three turns of 2 and 2; the last holds one column of each
  for (int64_t r = 0; r < 2; ++r)
    for (int64_t c = 0; c < 5; ++c) {
      both.row(r)[size_t(c / 2 * 4 + c % 2)] = gate.row(r)[size_t(c)];
      both.row(r)[size_t(c / 2 * 4 + 2 + c % 2)] = up.row(r)[size_t(c)];
    }
  EXPECT_EQ(swigluInterleaved(both, 5, 2).data, swiglu(gate, up).data);
}

TEST(Add, AddsElements) {
  EXPECT_EQ(add(make(1, {1, 2}), make(1, {10, 20})).data, (std::vector<float>{11, 22}));
}

TEST(Slice, TakesColumnsOfEveryRow) {
  EXPECT_EQ(slice(make(2, {1, 2, 3, 4, 5, 6}), 1, 2).data, (std::vector<float>{2, 3, 5, 6}));
}

TEST(Quantize, ScalesTheLargestTo127AndRoundsTiesToEven) {
  Rows x(1, 64);
  const std::vector<float> values = {127, 0.5f, 1.5f, -2.5f, -0.5f, 126.4f};
  std::copy(values.begin(), values.end(), x.data.begin());
  x.data[32] = -0.254f; // its own group: scale 0.002
  x.data[33] = 0.1f;
  const QuantizedRows y = quantize(x, 32);
  EXPECT_EQ(y.scale[0], 1);
  EXPECT_EQ((std::vector<int8_t>(y.q.begin(), y.q.begin() + 6)),
            (std::vector<int8_t>{127, 0, 2, -2, 0, 126}));
  EXPECT_NEAR(y.scale[1], 0.002, 1e-9);
  EXPECT_EQ(y.q[32], -127);
  EXPECT_EQ(y.q[33], 50);
  EXPECT_NEAR(y.value(0, 33), 0.1, 1e-8);
}

TEST(Quantize, ZeroAndTinyGroupsBecomeZero) {
  Rows x(1, 64);
  std::fill(x.data.begin() + 32, x.data.end(), 1e-38f);
  const QuantizedRows y = quantize(x, 32);
  EXPECT_EQ(y.scale, (std::vector<float>{0, 0}));
  EXPECT_EQ(y.q, std::vector<int8_t>(64));
}

TEST(Quantize, AWholeRowMayShareAScale) {
  Rows x(2, 64);
  x.data[40] = -254;
  x.data[3] = 1.0f;
  x.data[64] = 127;
  const QuantizedRows y = quantize(x, 64);
  EXPECT_EQ(y.scale, (std::vector<float>{2, 1}));
  EXPECT_EQ(y.q[40], -127);
  EXPECT_EQ(y.q[3], 0); // half a step: to even
  EXPECT_EQ(y.value(0, 40), -254);
  EXPECT_EQ(y.value(1, 0), 127);
}

TEST(Linear, EveryRowMeetsEveryWeight) {
  // More rows than are multiplied at once; integers, so the result is exact.
  Rows x(19, 3);
  for (size_t i = 0; i < x.data.size(); ++i)
    x.data[i] = float(i % 7);
  const auto weight = [](int64_t row, float *out) {
    for (int64_t c = 0; c < 3; ++c)
      out[c] = float(10 * row + c);
  };
  const Rows y = linear(x, 5, weight);
  ASSERT_EQ(y.cols, 5);
  for (int64_t r = 0; r < 19; ++r)
    for (int64_t n = 0; n < 5; ++n) {
      int64_t expected = 0;
      for (int64_t c = 0; c < 3; ++c)
        expected += (10 * n + c) * ((r * 3 + c) % 7);
      EXPECT_EQ(y.row(r)[size_t(n)], float(expected));
    }
}

TEST(Linear, RoundsOnce) {
  const auto weight = [](int64_t, float *out) { out[0] = 1e8f, out[1] = 1, out[2] = -1e8f; };
  EXPECT_EQ(linear(make(1, {1, 1, 1}), 1, weight).data, (std::vector<float>{1}));
}

TEST(Linear, AddsTheResidual) {
  const auto weight = [](int64_t row, float *out) { out[0] = float(row); };
  const Rows residual = make(2, {0.5f, 0.25f, 8, 16});
  EXPECT_EQ(linear(make(2, {3, 5}), 2, weight, &residual).data,
            (std::vector<float>{0.5f, 3.25f, 8, 21}));
}

TEST(Linear, QuantisedRowsHaveTheirScales) {
  QuantizedRows x(1, 64, 32);
  x.q[0] = 100, x.q[31] = -3, x.q[32] = 7;
  x.scale = {0.5f, 4};
  const auto weight = [](int64_t, float *out) {
    for (int c = 0; c < 64; ++c)
      out[c] = float(c + 1);
  };
  // 0.5 * (100 * 1 - 3 * 32) + 4 * 7 * 33
  EXPECT_EQ(linear(x, 1, weight).data, (std::vector<float>{926}));
}

TEST(Embedding, TakesTheTokensRows) {
  const std::vector<int32_t> tokens = {4, 0, 4};
  const auto weight = [](int64_t row, float *out) { out[0] = float(row), out[1] = -1; };
  EXPECT_EQ(embedding(tokens, 2, weight).data, (std::vector<float>{4, -1, 0, -1, 4, -1}));
}

TEST(KvSlot, HalvesRoundToEvenAndStayFinite) {
  KvSlot slot(KvKind::F16, 1, 4);
  const std::vector<float> key = {1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 1e6f, -1e6f};
  slot.store(0, key, key);
  const std::vector<float> expected = {1, 1 + 0x1p-9f, 65504, -65504};
  for (size_t d = 0; d < 4; ++d) {
    EXPECT_EQ(slot.key(0, 0)[d], expected[d]);
    EXPECT_EQ(slot.value(0, 0)[d], expected[d]);
  }
}

TEST(KvSlot, FloatsStayWhatTheyAre) {
  KvSlot slot(KvKind::F32, 2, 1);
  const std::vector<float> key = {std::numbers::pi_v<float>, 1e30f}, value = {1e-30f, -0.1f};
  slot.store(0, key, key);
  slot.store(1, value, value);
  EXPECT_EQ(slot.positions(), 2);
  EXPECT_EQ(slot.key(0, 1)[0], 1e30f);
  EXPECT_EQ(slot.value(1, 0)[0], 1e-30f);
}

TEST(KvSlot, BytesShareAScaleInGroupsOf32) {
  KvSlot slot(KvKind::Q8, 1, 64);
  std::vector<float> key(64);
  for (size_t d = 0; d < 32; ++d) {
    key[d] = float(d) * 4.0f; // largest 124
    key[32 + d] = float(d) * 0.00390625f;
  }
  key[31] = 127;
  slot.store(0, key, key);
  for (size_t d = 0; d < 32; ++d) {
    EXPECT_EQ(slot.key(0, 0)[d], key[d]) << d; // scale 1: integers are exact
    EXPECT_NEAR(slot.key(0, 0)[32 + d], key[32 + d], 0.5 * 31 * 0.00390625 / 127 * 1.01) << d;
  }
}
