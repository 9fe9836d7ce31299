// What buildModule makes of an architecture and its tensors.

#include "compiler/import/BuildModule.h"
#include "compiler/import/TensorNames.h"
#include "dialects/llm/Llm.h"
#include "test/dialects/llm/MemoryWeights.h"

#include "gtest/gtest.h"

using namespace ingot;
using ingot::test::MemoryWeights;

namespace {
class BuildModuleTest : public ::testing::Test {
protected:
  BuildModuleTest() {
    arch.name = "a-model";
    arch.hiddenSize = 64;
    arch.intermediateSize = 96;
    arch.numLayers = 2;
    arch.numHeads = 4;
    arch.numKvHeads = 2;
    arch.headDim = 16;
    arch.vocabSize = 32;
    arch.maxContext = 128;
  }

  /// Tensors without bytes, since none may be touched.
  void addAll(TensorType matrices, TensorType norms) {
    for (const ExpectedTensor &tensor : expectedTensors(arch)) {
      llvm::SmallVector<int64_t, 2> shape;
      for (const ExpectedExtent &extent : tensor.extents)
        shape.push_back(extent.value);
      weights.add(tensor.name, tensor.isNorm() ? norms : matrices, shape, {});
    }
  }

  llm::ModelOp build() {
    auto built = buildModule(context, arch, weights);
    if (!built) {
      ADD_FAILURE() << llvm::toString(built.takeError());
      return nullptr;
    }
    module = std::move(*built);
    return *module->getOps<llm::ModelOp>().begin();
  }

  static std::string formatOf(llm::ModelOp model, llvm::StringRef weight) {
    return model.lookupSymbol<llm::WeightOp>(weight).getWeightType().getFormat().str();
  }

  mlir::MLIRContext context;
  ArchSpec arch;
  MemoryWeights weights;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};
} // namespace

TEST_F(BuildModuleTest, KeepsTheFormatsOfMatrices) {
  addAll(TensorType::Q4_1, TensorType::F16);
  llm::ModelOp model = build();
  ASSERT_TRUE(model);
  EXPECT_EQ(model.getSymName(), "a-model");
  EXPECT_EQ(model.getMaxContext(), 128u);
  EXPECT_EQ(formatOf(model, "embedding"), "q4_1");
  EXPECT_EQ(formatOf(model, "block_1_down"), "q4_1");
  EXPECT_EQ(formatOf(model, "block_0_attention_norm"), "f32");
  EXPECT_EQ(formatOf(model, "final_norm"), "f32");
  auto q = model.lookupSymbol<llm::WeightOp>("block_1_q");
  auto source = llvm::cast<llm::SourceAttr>(q.getSources()[0]);
  EXPECT_EQ(source.getTensor(), "model.layers.1.self_attn.q_proj.weight");
  EXPECT_EQ(q.getWeightType().getRows(), 64);
  EXPECT_EQ(model.lookupSymbol<llm::WeightOp>("block_1_k").getWeightType().getRows(), 32);
}

TEST_F(BuildModuleTest, Bf16BecomesF32) {
  addAll(TensorType::BF16, TensorType::BF16);
  llm::ModelOp model = build();
  ASSERT_TRUE(model);
  EXPECT_EQ(formatOf(model, "block_0_gate"), "f32");
}

TEST_F(BuildModuleTest, ATiedHeadIsTheEmbedding) {
  addAll(TensorType::F32, TensorType::F32);
  llm::ModelOp tied = build();
  ASSERT_TRUE(tied);
  tied.walk([](llm::LogitsOp op) { EXPECT_EQ(op.getWeight(), "embedding"); });
  EXPECT_FALSE(tied.lookupSymbol("head"));

  arch.tieEmbeddings = false;
  weights = MemoryWeights();
  addAll(TensorType::F32, TensorType::F32);
  llm::ModelOp untied = build();
  ASSERT_TRUE(untied);
  untied.walk([](llm::LogitsOp op) { EXPECT_EQ(op.getWeight(), "head"); });
}

TEST_F(BuildModuleTest, EveryRunHasItsSlot) {
  const std::pair<SharingScheme, std::vector<std::string>> orders[] = {
      {SharingScheme::Immediate, {"block_0", "block_0", "block_1", "block_1"}},
      {SharingScheme::RepeatAll, {"block_0", "block_1", "block_0", "block_1"}},
      {SharingScheme::Reverse, {"block_0", "block_1", "block_1", "block_0"}}};
  arch.repeat = 2;
  addAll(TensorType::F32, TensorType::F32);
  for (const auto &[scheme, order] : orders) {
    arch.sharing = scheme;
    llm::ModelOp model = build();
    ASSERT_TRUE(model);
    std::vector<std::string> blocks;
    model.walk([&](llm::CallOp call) {
      EXPECT_EQ(call.getSlot(), blocks.size());
      blocks.push_back(call.getBlock().str());
    });
    EXPECT_EQ(blocks, order);
    EXPECT_EQ(llvm::range_size(model.getOps<llm::BlockOp>()), 2u);
  }
}

TEST_F(BuildModuleTest, CarriesTheNumbersOfTheArchitecture) {
  arch.normEps = 3e-6;
  arch.ropeTheta = 5e5;
  arch.ropeStyle = RopeStyle::Interleaved;
  addAll(TensorType::F32, TensorType::F32);
  llm::ModelOp model = build();
  ASSERT_TRUE(model);
  int norms = 0, ropes = 0, attentions = 0;
  model.walk([&](llm::RmsNormOp op) {
    EXPECT_EQ(op.getEps().convertToDouble(), 3e-6);
    ++norms;
  });
  model.walk([&](llm::RopeOp op) {
    EXPECT_EQ(op.getTheta().convertToDouble(), 5e5);
    EXPECT_EQ(op.getStyle(), llm::RopeStyle::interleaved);
    EXPECT_EQ(op.getHeadDim(), 16u);
    ++ropes;
  });
  model.walk([&](llm::AttentionOp op) {
    EXPECT_EQ(op.getScale().convertToDouble(), 0.25);
    EXPECT_EQ(op.getHeads(), 4u);
    EXPECT_EQ(op.getKvHeads(), 2u);
    ++attentions;
  });
  EXPECT_EQ(norms, 2 * 2 + 1);
  EXPECT_EQ(ropes, 2 * 2);
  EXPECT_EQ(attentions, 2);
}

TEST_F(BuildModuleTest, RefusesTensorsThatDoNotFit) {
  addAll(TensorType::F32, TensorType::F32);
  arch.intermediateSize = 128;
  auto built = buildModule(context, arch, weights);
  ASSERT_FALSE(bool(built));
  EXPECT_NE(llvm::toString(built.takeError())
                .find("'model.layers.0.mlp.gate_proj.weight' is [96, 64], expected [128, 64] from "
                      "'intermediate_size'"),
            std::string::npos);
}
