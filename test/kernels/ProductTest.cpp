//===- ProductTest.cpp - matvec and matmat against scalar arithmetic ------===//
//
// Two oracles. `documented` follows the order and the roundings that
// codegen/kernels/Product.h promises, so every level must give its bits.
// `exact` knows nothing of layouts or groups: the dequantised weights times the
// dequantised activations in double precision, within a bound.
//
//===----------------------------------------------------------------------===//

#include "codegen/formats/Half.h"
#include "test/kernels/KernelLibrary.h"
#include "test/kernels/Variants.h"
#include "test/kernels/x86/Emulator.h"
#include "test/kernels/x86/SuppliedLevels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <random>

using namespace ingot;
using namespace ingot::test;

namespace {

struct Shape {
  int64_t rows, cols;
};

constexpr Shape kFloatShapes[] = {{1, 1}, {5, 31}, {16, 32}, {33, 65}, {48, 127}};
constexpr Shape kQuantShapes[] = {{1, 32}, {16, 64}, {40, 96}, {97, 576}};
constexpr int64_t kTokenRows = 16; // rows of the activation buffers
constexpr int kTokenCounts[] = {1, 2, 4, 5, 6, 7, 13};
// Kernels that unpack weights beforehand do so once for 64 or for 128 tokens.
constexpr int kManyTokens[] = {64, 71, 130};
constexpr int kFewRows = 4;
constexpr float kUntouched = 1234.5f;

/// A matrix in source and packed form, and activations for it.
struct Problem {
  const Format &format;
  int64_t rows, cols, tokens, blocks, groups;
  int64_t scaled;                           // columns that share an activation's scale
  std::vector<std::vector<uint8_t>> source; // by row
  std::vector<uint8_t> packed;
  std::vector<float> x; // [tokens][cols]: floats, or the meaning of q
  std::vector<int8_t> q;
  std::vector<float> scale, sum; // [tokens][cols / scaled]

  Problem(Variant variant, Shape shape, int64_t tokens = kTokenRows);

  int64_t paddedRows() const { return blocks * kRowBlock; }
  float documented(int64_t row, int64_t token, bool fma) const;
  void exact(int64_t row, int64_t token, double &value, double &magnitude) const;
  std::vector<Buffer> inputs() const;

private:
  void fillSource(std::mt19937 &random);
  void fillActivations(std::mt19937 &random);
};

void Problem::fillSource(std::mt19937 &random) {
  std::normal_distribution<float> normal;
  for (std::vector<uint8_t> &row : source) {
    row.resize(format.sourceRowBytes(cols));
    if (!format.quantized()) {
      for (int64_t k = 0; k < cols; ++k) {
        const float value = normal(random);
        const uint32_t bits =
            format.name() == "f16" ? floatToHalf(value) : std::bit_cast<uint32_t>(value);
        std::memcpy(row.data() + k * format.layout().valueBits / 8, &bits,
                    format.layout().valueBits / 8);
      }
      continue;
    }
    // Any bytes are values; the halves in front of a block are made sane.
    for (uint8_t &byte : row)
      byte = uint8_t(random());
    if (format.layout().rowScale) {
      const float d = 0.001f * std::fabs(normal(random));
      std::memcpy(row.data(), &d, sizeof d);
      // An 8-bit value is never -128: the quantiser's range is symmetric.
      for (size_t i = sizeof d; i < row.size() && format.layout().valueBits == 8; ++i)
        row[i] = row[i] == 0x80 ? 0 : row[i];
      continue;
    }
    const size_t blockBytes = row.size() / groups;
    for (int64_t g = 0; g < groups; ++g) {
      const uint16_t d = floatToHalf(0.01f * normal(random)), m = floatToHalf(normal(random));
      std::memcpy(row.data() + g * blockBytes, &d, 2);
      if (format.layout().minimumOffset >= 0)
        std::memcpy(row.data() + g * blockBytes + 2, &m, 2);
    }
  }
}

void Problem::fillActivations(std::mt19937 &random) {
  std::normal_distribution<float> normal;
  x.resize(tokens * cols);
  if (!format.quantized()) {
    for (float &value : x)
      value = normal(random);
    return;
  }
  q.resize(x.size());
  scale.resize(tokens * cols / scaled);
  sum.resize(scale.size());
  for (size_t g = 0; g < scale.size(); ++g) {
    scale[g] = 0.02f * std::fabs(normal(random));
    for (int64_t k = 0; k < scaled; ++k) {
      // Extremes in the first group: the integer sums must hold them.
      const int value = g == 0 ? (random() % 2 ? 127 : -127) : int(random() % 255) - 127;
      q[g * scaled + k] = int8_t(g == 1 ? 127 : value);
      sum[g] += q[g * scaled + k];
      x[g * scaled + k] = scale[g] * float(q[g * scaled + k]);
    }
  }
}

Problem::Problem(Variant variant, Shape shape, int64_t tokens)
    : format(*variant.format), rows(shape.rows), cols(shape.cols), tokens(tokens),
      blocks((rows + kRowBlock - 1) / kRowBlock), groups(cols / 32),
      scaled(variant.activation == Activation::I8T ? cols : 32), source(rows) {
  std::mt19937 random(unsigned(rows * 1000 + cols));
  fillSource(random);
  fillActivations(random);
  const size_t blockBytes = format.packedBlockBytes(cols);
  packed.resize(blocks * blockBytes);
  for (int64_t b = 0; b < blocks; ++b) {
    std::array<const uint8_t *, kRowBlock> pointers = {};
    for (int64_t r = 0; r < kRowBlock && b * kRowBlock + r < rows; ++r)
      pointers[r] = source[b * kRowBlock + r].data();
    format.packRowBlock(pointers, cols, packed.data() + b * blockBytes);
  }
}

std::vector<Buffer> Problem::inputs() const {
  if (!format.quantized())
    return {x, packed};
  std::vector<Buffer> list = {q, scale, sum};
  list.insert(list.end(), weightViews(format), packed);
  return list;
}

float Problem::documented(int64_t row, int64_t token, bool fma) const {
  auto multiplyAdd = [&](float a, float b, float c) {
    volatile float product = a * b; // no contraction behind the test's back
    return fma ? std::fma(a, b, c) : product + c;
  };
  float acc = 0;
  if (!format.quantized()) {
    std::vector<float> w(cols);
    format.dequantizeRow(source[row].data(), cols, w.data());
    for (int64_t begin = 0; begin < cols; begin += 32) {
      float partial = 0;
      for (int64_t k = begin; k < std::min(begin + 32, cols); ++k)
        partial = multiplyAdd(w[k], x[token * cols + k], partial);
      acc += partial;
    }
    return acc;
  }
  const uint8_t *block = packed.data() + row / kRowBlock * format.packedBlockBytes(cols);
  const GroupLayout &layout = format.layout();
  auto dot = [&](int64_t g) {
    int products = 0;
    const uint8_t *group = block + g * layout.groupBytes;
    for (int k = 0; k < 32; ++k) {
      const int perVector = 32 / layout.valueBits; // columns of a row in a vector
      uint8_t stored = group[k / perVector * 64 + row % kRowBlock * 4 + k % 4];
      if (layout.valueBits == 4)
        stored = k % 8 < 4 ? stored & 15 : stored >> 4;
      products += stored * q[token * cols + g * 32 + k];
    }
    return products;
  };
  float rowScale = 1;
  if (layout.rowScale)
    std::memcpy(&rowScale, block + groups * layout.groupBytes + 4 * (row % kRowBlock), 4);
  if (scaled != 32) {
    int products = 0;
    for (int64_t g = 0; g < groups; ++g)
      products += dot(g);
    return float(products - layout.zeroPoint * int(sum[token])) * scale[token] * rowScale;
  }
  for (int64_t g = 0; g < groups; ++g) {
    const uint8_t *group = block + g * layout.groupBytes;
    auto half = [&](int64_t offset) {
      uint16_t bits;
      std::memcpy(&bits, group + offset + 2 * (row % kRowBlock), 2);
      return halfToFloat(bits);
    };
    auto byte = [&](int64_t offset) { return float(group[offset + row % kRowBlock]); };
    const float products = float(dot(g)), total = sum[token * groups + g];
    float value;
    if (layout.zeroOffset >= 0)
      value = byte(layout.scaleOffset) * (16 * products - byte(layout.zeroOffset) * total);
    else if (layout.minimumOffset >= 0)
      value = multiplyAdd(half(layout.minimumOffset), total, half(layout.scaleOffset) * products);
    else
      value = (layout.scaleOffset >= 0 ? half(layout.scaleOffset) : 1.0f) *
              multiplyAdd(-float(layout.zeroPoint), total, products);
    acc = multiplyAdd(value, scale[token * groups + g], acc);
  }
  if (layout.rowScale)
    acc = acc * (layout.zeroOffset >= 0 ? rowScale / 16 : rowScale);
  return acc;
}

void Problem::exact(int64_t row, int64_t token, double &value, double &magnitude) const {
  std::vector<float> w(cols);
  format.dequantizeRow(source[row].data(), cols, w.data());
  value = magnitude = 0;
  for (int64_t k = 0; k < cols; ++k) {
    const double term = double(w[k]) * double(x[token * cols + k]);
    value += term;
    magnitude += std::fabs(term);
  }
}

KernelSpec spec(const char *op, Variant variant, Shape shape, bool add) {
  KernelSpec spec;
  spec.algorithm = op + ("_" + variant.name());
  spec.params = {{"rows", shape.rows}, {"cols", shape.cols}};
  if (add)
    spec.params["add"] = 1;
  return spec;
}

/// The matmat of a step of few rows.
KernelSpec specOfFew(Variant variant, Shape shape) {
  KernelSpec few = spec("matmat", variant, shape, false);
  few.params["most"] = kFewRows;
  return few;
}

/// Many tokens cost time: where kernels go over them in larger steps, and once
/// more than 128 of them.
bool skips(int tokens, const RunnableLevel &level, Shape shape) {
  if (tokens <= 16)
    return false;
  const bool otherMachine = (emulated() && !level.supplied) || std::getenv("INGOT_TEST_TARGET");
  return otherMachine || (tokens > 128 && shape.rows * shape.cols > 4096);
}

std::span<const Shape> shapes(Variant variant) {
  if (variant.format->quantized())
    return kQuantShapes;
  return kFloatShapes;
}

/// The levels that run here, and those that do under the emulator.
const std::vector<RunnableLevel> &testedLevels() {
  static const std::vector<RunnableLevel> levels = [] {
    std::vector<RunnableLevel> list = runnableLevels();
    for (const RunnableLevel &level : suppliedLevels())
      list.push_back(level);
    return list;
  }();
  return levels;
}

/// All kernels of all tests, compiled once.
class ProductTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    library = new KernelLibrary;
    for (const RunnableLevel &level : testedLevels())
      for (Variant variant : variants())
        for (Shape shape : shapes(variant)) {
          std::vector<KernelSpec> specs;
          for (const char *op : {"matvec", "matmat"})
            for (bool add : {false, true})
              if (!add || shape.rows > 16)
                specs.push_back(spec(op, variant, shape, add));
          if (shape.rows > 16)
            specs.push_back(specOfFew(variant, shape));
          for (const KernelSpec &one : specs)
            if (level.runs(one))
              library->add(one, level);
        }
    problem = library->build();
  }
  static void TearDownTestSuite() { delete library; }
  void SetUp() override { ASSERT_EQ(problem, ""); }

  static KernelLibrary *library;
  static std::string problem;
};

KernelLibrary *ProductTest::library;
std::string ProductTest::problem;

/// Bits of the kernel against the documented arithmetic; returns misses.
int compare(const Problem &p, const std::vector<float> &y, int tokens, float before, bool fma) {
  int misses = 0;
  for (int t = 0; t < tokens; ++t)
    for (int64_t row = 0; row < p.rows; ++row) {
      const float product = p.documented(row, t, fma);
      const float expected = before == kUntouched ? product : before + product;
      const float found = y[t * p.paddedRows() + row];
      misses += std::bit_cast<uint32_t>(found) != std::bit_cast<uint32_t>(expected);
    }
  return misses;
}

TEST_F(ProductTest, EveryLevelGivesTheDocumentedBits) {
  for (const RunnableLevel &level : testedLevels())
    for (Variant variant : variants())
      for (Shape shape : shapes(variant)) {
        const Problem p(variant, shape);
        SCOPED_TRACE(testing::Message() << level.level->name << " " << variant.name() << " "
                                        << shape.rows << "x" << shape.cols);
        std::vector<Buffer> buffers = p.inputs();
        std::vector<float> y(p.paddedRows(), kUntouched);
        buffers.push_back(y);
        const bool hasVector = level.runs(spec("matvec", variant, shape, false)),
                   hasFew = level.runs(specOfFew(variant, shape));
        if (hasVector) {
          ASSERT_EQ(library->call(spec("matvec", variant, shape, false), level,
                                  {0, int32_t(p.blocks)}, buffers),
                    0);
          EXPECT_EQ(compare(p, y, 1, kUntouched, level.level->fma), 0) << "matvec";
        }
        if (!level.runs(spec("matmat", variant, shape, false)))
          continue;

        for (int tokens : kTokenCounts) {
          if (skips(tokens, level, shape))
            continue;
          std::vector<float> many(kTokenRows * p.paddedRows(), kUntouched);
          buffers.back() = many;
          ASSERT_EQ(library->call(spec("matmat", variant, shape, false), level,
                                  {0, int32_t(p.blocks), tokens}, buffers),
                    0);
          EXPECT_EQ(compare(p, many, tokens, kUntouched, level.level->fma), 0)
              << "matmat of " << tokens;
          for (size_t i = tokens * p.paddedRows(); i < many.size(); ++i)
            ASSERT_EQ(many[i], kUntouched) << "wrote past the last token";
          if (hasVector)
            EXPECT_EQ(std::memcmp(many.data(), y.data(), y.size() * 4), 0)
                << "matmat and matvec differ";
          if (tokens > kFewRows || shape.rows <= 16 || !hasFew)
            continue;
          std::vector<float> few(kFewRows * p.paddedRows(), kUntouched);
          buffers.back() = few;
          ASSERT_EQ(library->call(specOfFew(variant, shape), level, {0, int32_t(p.blocks), tokens},
                                  buffers),
                    0);
          EXPECT_EQ(std::memcmp(few.data(), many.data(), few.size() * 4), 0)
              << "matmat of few rows";
        }
      }
}

TEST_F(ProductTest, MoreTokensThanWeightsAreUnpackedFor) {
  constexpr int kMost = kManyTokens[2];
  const Shape shape =
      inPrograms() ? kQuantShapes[2] : kQuantShapes[3]; // three row blocks; and more
  for (const RunnableLevel &level : testedLevels())
    for (Variant variant : variants()) {
      if (!variant.format->quantized())
        continue;
      const Problem p(variant, shape, kMost);
      SCOPED_TRACE(testing::Message() << level.level->name << " " << variant.name());
      std::vector<float> all; // of kMost tokens
      for (int tokens : {kMost, kManyTokens[0], kManyTokens[1]}) {
        std::vector<float> y(kMost * p.paddedRows(), kUntouched);
        std::vector<Buffer> buffers = p.inputs();
        buffers.push_back(y);
        ASSERT_EQ(library->call(spec("matmat", variant, shape, false), level,
                                {0, int32_t(p.blocks), tokens}, buffers),
                  0);
        if (tokens == kMost) {
          EXPECT_EQ(compare(p, y, tokens, kUntouched, level.level->fma), 0);
          all = y;
        }
        const size_t written = tokens * p.paddedRows();
        EXPECT_EQ(std::memcmp(y.data(), all.data(), written * 4), 0) << tokens << " tokens";
        for (size_t i = written; i < y.size(); ++i)
          ASSERT_EQ(y[i], kUntouched) << "wrote past the last token";
      }
    }
}

TEST_F(ProductTest, AddsToWhatIsThere) {
  const float before = 0.375f;
  for (const RunnableLevel &level : testedLevels())
    for (Variant variant : variants())
      for (Shape shape : shapes(variant)) {
        if (shape.rows <= 16)
          continue;
        const Problem p(variant, shape);
        SCOPED_TRACE(testing::Message() << level.level->name << " " << variant.name());
        std::vector<Buffer> buffers = p.inputs();
        std::vector<float> y(kTokenRows * p.paddedRows(), before);
        buffers.push_back(y);
        if (level.runs(spec("matvec", variant, shape, true))) {
          ASSERT_EQ(library->call(spec("matvec", variant, shape, true), level,
                                  {0, int32_t(p.blocks)}, buffers),
                    0);
          EXPECT_EQ(compare(p, y, 1, before, level.level->fma), 0) << "matvec";
        }
        if (!level.runs(spec("matmat", variant, shape, true)))
          continue;
        y.assign(y.size(), before);
        ASSERT_EQ(library->call(spec("matmat", variant, shape, true), level,
                                {0, int32_t(p.blocks), 13}, buffers),
                  0);
        EXPECT_EQ(compare(p, y, 13, before, level.level->fma), 0) << "matmat";
        for (size_t i = 13 * p.paddedRows(); i < y.size(); ++i)
          ASSERT_EQ(y[i], before) << "wrote past the last token";
      }
}

TEST_F(ProductTest, AShareWritesItsRowsOnly) {
  for (const RunnableLevel &level : testedLevels())
    for (Variant variant : variants()) {
      const Shape shape = shapes(variant).back(); // at least three row blocks
      const Problem p(variant, shape);
      SCOPED_TRACE(testing::Message() << level.level->name << " " << variant.name());
      std::vector<Buffer> buffers = p.inputs();
      std::vector<float> y(p.paddedRows(), kUntouched);
      buffers.push_back(y);
      const KernelSpec vector = spec("matvec", variant, shape, false),
                       matrix = spec("matmat", variant, shape, false);
      auto run = [&](int begin, int end) {
        return level.runs(vector) ? library->call(vector, level, {begin, end}, buffers)
                                  : library->call(matrix, level, {begin, end, 1}, buffers);
      };
      if (!level.runs(vector) && !level.runs(matrix))
        continue;
      ASSERT_EQ(run(1, 2), 0);
      ASSERT_EQ(run(2, 2), 0); // an empty share writes nothing
      for (int64_t row = 0; row < p.paddedRows(); ++row)
        EXPECT_EQ(y[row] == kUntouched, row < 16 || row >= 32) << "row " << row;
      ASSERT_EQ(run(0, 1), 0);
      ASSERT_EQ(run(2, int(p.blocks)), 0);
      EXPECT_EQ(compare(p, y, 1, kUntouched, level.level->fma), 0);
    }
}

// After the tests above: what they ran of a level that the machine lacks was its own instructions.
TEST_F(ProductTest, TheEmulatorWasNeeded) {
  for (const RunnableLevel &level : testedLevels())
    if (level.supplied)
      std::printf("under the emulator: %s%s\n", std::string(level.level->name).c_str(),
                  level.flags.empty() ? "" : ", the kernels that are C++");
  std::printf("supplied: %llu instructions\n", (unsigned long long)suppliedInstructions());
  EXPECT_EQ(testedLevels().size() > runnableLevels().size(), suppliedInstructions() > 0);
}

TEST_F(ProductTest, TheDocumentedArithmeticIsTheProduct) {
  for (Variant variant : variants())
    for (Shape shape : shapes(variant)) {
      const Problem p(variant, shape);
      for (int64_t row = 0; row < p.rows; ++row) {
        double value, magnitude;
        p.exact(row, 3, value, magnitude);
        // The integer sums carry a zero point of up to 128 times the values.
        const GroupLayout &layout = variant.format->layout();
        const double bound = (magnitude + 1e-3) * 0x1p-23 * (8 + double(shape.cols) / 32) *
                             (layout.zeroPoint || layout.zeroOffset >= 0 ? 16 : 1);
        EXPECT_NEAR(p.documented(row, 3, true), value, bound) << variant.name() << " row " << row;
      }
    }
}

} // namespace
