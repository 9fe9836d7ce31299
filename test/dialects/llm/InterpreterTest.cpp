// The interpreter on models that buildModule made, against a textbook Llama.

#include "MemoryWeights.h"
#include "TextbookLlama.h"

#include "codegen/formats/Format.h"
#include "codegen/formats/Half.h"
#include "compiler/import/BuildModule.h"
#include "compiler/passes/Passes.h"
#include "dialects/llm/reference/Interpreter.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include "gtest/gtest.h"

#include <bit>
#include <cstring>

using namespace ingot;
using namespace ingot::test;
using ingot::reference::Interpreter;
using ingot::reference::Rows;

static const std::vector<int32_t> kTokens = {3, 17, 0, 42, 42, 8, 49, 1, 30, 5, 11};

static ArchSpec smallArch() {
  ArchSpec arch;
  arch.name = "small";
  arch.hiddenSize = 64;
  arch.intermediateSize = 96;
  arch.numLayers = 3;
  arch.numHeads = 6;
  arch.numKvHeads = 2;
  arch.headDim = 16;
  arch.vocabSize = 50;
  arch.maxContext = 64;
  return arch;
}

static llvm::SmallVector<int64_t, 2> shapeOf(const ArchSpec &arch, llvm::StringRef name,
                                             size_t elements) {
  if (name.contains("norm"))
    return {int64_t(elements)};
  int64_t cols = name.contains("down_proj") ? arch.intermediateSize
                 : name.contains("o_proj")  ? arch.numHeads * arch.headDim
                                            : arch.hiddenSize;
  return {int64_t(elements) / cols, cols};
}

static void addFloats(MemoryWeights &weights, const ArchSpec &arch, const Tensors &tensors) {
  for (const auto &[name, data] : tensors) {
    std::vector<uint8_t> bytes(data.size() * 4);
    std::memcpy(bytes.data(), data.data(), bytes.size());
    weights.add(name, TensorType::F32, shapeOf(arch, name, data.size()), std::move(bytes));
  }
}

/// Adds the tensors with all matrices as q4_1, and makes `tensors` their
/// dequantised values.
static void addQ4(MemoryWeights &weights, const ArchSpec &arch, Tensors &tensors) {
  const Format &format = *findFormat("q4_1");
  Tensors norms;
  for (auto &[name, data] : tensors) {
    if (llvm::StringRef(name).contains("norm")) {
      norms[name] = data;
      continue;
    }
    std::vector<uint8_t> bytes;
    for (size_t group = 0; group < data.size(); group += 32) {
      // Scale, minimum and nibbles that no real quantiser would choose, but
      // that mean about what the floats do.
      const uint16_t header[2] = {floatToHalf(0.05f + 0.0001f * float(group % 97)),
                                  floatToHalf(-0.4f)};
      bytes.insert(bytes.end(), (const uint8_t *)header, (const uint8_t *)header + 4);
      for (size_t i = 0; i < 16; ++i)
        bytes.push_back(uint8_t(int(data[group + i] * 1000) * 7 & 255));
    }
    const auto shape = shapeOf(arch, name, data.size());
    for (int64_t row = 0; row < shape[0]; ++row)
      format.dequantizeRow(bytes.data() + size_t(row) * format.sourceRowBytes(shape[1]), shape[1],
                           data.data() + row * shape[1]);
    weights.add(name, TensorType::Q4_1, shape, std::move(bytes));
  }
  addFloats(weights, arch, norms);
}

namespace {
class InterpreterTest : public ::testing::Test {
protected:
  void build(const ArchSpec &newArch) {
    arch = newArch;
    tensors = randomTensors(arch, 1234);
    addFloats(weights, arch, tensors);
    buildFromWeights();
  }
  void buildFromWeights() {
    auto built = buildModule(context, arch, weights);
    ASSERT_TRUE(bool(built)) << llvm::toString(built.takeError());
    module = std::move(*built);
  }
  llm::ModelOp model() { return *module->getOps<llm::ModelOp>().begin(); }

  Rows run(llvm::ArrayRef<int32_t> tokens, Interpreter::Options options = {}) {
    Interpreter interpreter(model(), weights, options);
    return llvm::cantFail(interpreter.run(tokens, 0));
  }
  void runPasses(llvm::StringRef pipeline) {
    static const bool registered = (registerIngotPasses(), true);
    (void)registered;
    mlir::PassManager passes(&context);
    ASSERT_TRUE(mlir::succeeded(mlir::parsePassPipeline(pipeline, passes)));
    ASSERT_TRUE(mlir::succeeded(passes.run(*module)));
  }
  std::string errorOf(llvm::ArrayRef<int32_t> tokens, int64_t position) {
    Interpreter interpreter(model(), weights, {});
    auto result = interpreter.run(tokens, position);
    return result ? "" : llvm::toString(result.takeError());
  }

  mlir::MLIRContext context;
  ArchSpec arch;
  Tensors tensors;
  MemoryWeights weights;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

/// Largest difference, relative to the largest magnitude expected.
template <typename Range> static double relativeError(const Rows &found, const Range &expected) {
  EXPECT_EQ(found.data.size(), expected.size());
  double error = 0, largest = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error = std::max(error, std::abs(double(found.data[i]) - double(expected[i])));
    largest = std::max(largest, std::abs(double(expected[i])));
  }
  return error / largest;
}

TEST_F(InterpreterTest, MatchesTheTextbook) {
  for (RopeStyle style : {RopeStyle::Half, RopeStyle::Interleaved})
    for (bool tied : {true, false}) {
      weights = MemoryWeights();
      ArchSpec spec = smallArch();
      spec.ropeStyle = style;
      spec.tieEmbeddings = tied;
      build(spec);
      EXPECT_LT(relativeError(run(kTokens), textbookLogits(arch, tensors, {0, 1, 2}, kTokens)),
                1e-5);
    }
}

// The golden rule: sharing blocks is a Llama whose layers repeat.
TEST_F(InterpreterTest, SharedBlocksAreRepeatedLayers) {
  const std::pair<SharingScheme, std::vector<int64_t>> orders[] = {
      {SharingScheme::Immediate, {0, 0, 1, 1, 2, 2}},
      {SharingScheme::RepeatAll, {0, 1, 2, 0, 1, 2}},
      {SharingScheme::Reverse, {0, 1, 2, 2, 1, 0}}};
  for (const auto &[scheme, order] : orders) {
    weights = MemoryWeights();
    ArchSpec spec = smallArch();
    spec.sharing = scheme;
    spec.repeat = 2;
    build(spec);
    EXPECT_LT(relativeError(run(kTokens), textbookLogits(arch, tensors, order, kTokens)), 1e-5);
  }
}

TEST_F(InterpreterTest, ChunksAndRewindsGiveTheSameBits) {
  ArchSpec spec = smallArch();
  spec.sharing = SharingScheme::Immediate;
  spec.repeat = 2;
  build(spec);
  const Rows whole = run(kTokens);
  Interpreter interpreter(model(), weights, {});
  const llvm::ArrayRef<int32_t> tokens = kTokens;
  for (auto [begin, count] :
       {std::pair<size_t, size_t>{0, 4}, {4, 1}, {5, 6}, /*again=*/{3, 2}, {5, 1}}) {
    const Rows part = llvm::cantFail(interpreter.run(tokens.slice(begin, count), int64_t(begin)));
    for (size_t r = 0; r < count; ++r)
      for (size_t c = 0; c < size_t(arch.vocabSize); ++c)
        ASSERT_EQ(part.row(int64_t(r))[c], whole.row(int64_t(begin + r))[c]);
  }
}

static constexpr llvm::StringLiteral kFusions =
    "llm.model(llm-canonicalize-rope,llm-fuse-qkv,llm-fuse-gate-up,llm-fuse-residual)";

TEST_F(InterpreterTest, FusedFloatModelMeansTheSame) {
  ArchSpec spec = smallArch();
  spec.intermediateSize = 72; // the last turn of 16 gate and 16 up rows is padded
  spec.sharing = SharingScheme::Immediate;
  spec.repeat = 2;
  build(spec);
  const Rows plain = run(kTokens);
  runPasses(kFusions);
  int64_t interleaved = 0, slices = 0, adds = 0;
  model().walk([&](llm::SwigluInterleavedOp) { ++interleaved; });
  model().walk([&](llm::SliceOp) { ++slices; });
  model().walk([&](llm::AddOp) { ++adds; });
  EXPECT_EQ(interleaved, 3);
  EXPECT_EQ(slices, 9);
  EXPECT_EQ(adds, 0);
  EXPECT_LT(relativeError(run(kTokens), plain.data), 1e-6);
}

TEST_F(InterpreterTest, QuantisedWeightsAreTheirValues) {
  arch = smallArch();
  tensors = randomTensors(arch, 99);
  addQ4(weights, arch, tensors);
  buildFromWeights();
  const auto expected = textbookLogits(arch, tensors, {0, 1, 2}, kTokens);
  EXPECT_LT(relativeError(run(kTokens), expected), 1e-5);
  runPasses(kFusions);
  EXPECT_LT(relativeError(run(kTokens), expected), 1e-5);

  // Quantised activations: near, but not the same.
  runPasses("llm.model(llm-quantize-activations)");
  const Rows quantised = run(kTokens);
  EXPECT_LT(relativeError(quantised, expected), 0.1);
  EXPECT_GT(relativeError(quantised, expected), 1e-4);
  runPasses("llm.model(llm-fuse-quantize)");
  EXPECT_EQ(run(kTokens).data, quantised.data);
}

TEST_F(InterpreterTest, ShortFloatsAreExact) {
  arch = smallArch();
  tensors = randomTensors(arch, 5);
  for (auto &[name, data] : tensors) {
    const bool isNorm = llvm::StringRef(name).contains("norm");
    std::vector<uint8_t> bytes;
    for (float &value : data) {
      const uint16_t upper = uint16_t(std::bit_cast<uint32_t>(value) >> 16);
      const uint16_t bits = isNorm ? floatToHalf(value) : upper;
      value = isNorm ? halfToFloat(bits) : std::bit_cast<float>(uint32_t(upper) << 16);
      bytes.insert(bytes.end(), {uint8_t(bits & 255), uint8_t(bits >> 8)});
    }
    weights.add(name, isNorm ? TensorType::F16 : TensorType::BF16, shapeOf(arch, name, data.size()),
                std::move(bytes));
  }
  buildFromWeights();
  EXPECT_LT(relativeError(run(kTokens), textbookLogits(arch, tensors, {0, 1, 2}, kTokens)), 1e-5);
}

TEST_F(InterpreterTest, KvTypesRoundMoreAndMore) {
  build(smallArch());
  const Rows exact = run(kTokens);
  const double half = relativeError(run(kTokens, {KvKind::F16, {}}), exact.data);
  const double bytes = relativeError(run(kTokens, {KvKind::Q8, {}}), exact.data);
  EXPECT_GT(half, 1e-6);
  EXPECT_LT(half, 0.005);
  EXPECT_GT(bytes, half);
  EXPECT_LT(bytes, 0.1);
}

TEST_F(InterpreterTest, ObservesEveryRunWithItsSlot) {
  ArchSpec spec = smallArch();
  spec.sharing = SharingScheme::Immediate;
  spec.repeat = 2;
  build(spec);
  std::vector<int64_t> slots;
  int64_t lastCols = 0;
  Interpreter::Options options;
  options.observe = [&](mlir::Operation *op, int64_t slot, const Rows &result) {
    if (llvm::isa<llm::AttentionOp>(op))
      slots.push_back(slot);
    lastCols = result.cols;
  };
  run(kTokens, options);
  EXPECT_EQ(slots, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(lastCols, arch.vocabSize);
}

TEST_F(InterpreterTest, ReleasesWhatItHasRead) {
  build(smallArch());
  run(kTokens);
  for (const auto &[name, data] : tensors)
    EXPECT_TRUE(llvm::is_contained(weights.released, name)) << name;
}

TEST_F(InterpreterTest, RefusesWhatHasNoMeaning) {
  build(smallArch());
  EXPECT_EQ(errorOf({1, 50}, 0), "token 50 is outside of the vocabulary (50)");
  EXPECT_EQ(errorOf({-1}, 0), "token -1 is outside of the vocabulary (50)");
  EXPECT_EQ(errorOf({1}, 1), "positions 1 to 2 do not follow the 0 that were fed, or leave the "
                             "context (64)");
  EXPECT_NE(errorOf(std::vector<int32_t>(65, 1), 0), "");

  MemoryWeights empty;
  Interpreter interpreter(model(), empty, {});
  auto result = interpreter.run({1}, 0);
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()),
            "weight 'embedding' needs the tensor 'model.embed_tokens.weight', which 'memory' does "
            "not have");

  auto embedding = model().lookupSymbol<llm::WeightOp>("embedding");
  embedding.setType(llm::WeightType::get(&context, {50, 64}, "q8_0"));
  EXPECT_EQ(errorOf({1}, 0),
            "weight 'embedding' is q8_0, but the tensor 'model.embed_tokens.weight' is f32");
}
