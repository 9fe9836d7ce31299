#include "compiler/import/ArchSpec.h"
#include "compiler/import/ArchCheck.h"

#include <gtest/gtest.h>

using namespace ingot;

using Order = std::vector<int64_t>;

static Order order(SharingScheme scheme, int64_t layers, int64_t repeat) {
  ArchSpec arch;
  arch.numLayers = layers;
  arch.sharing = scheme;
  arch.repeat = repeat;
  return arch.runOrder();
}

TEST(ArchSpec, RunOrder) {
  EXPECT_EQ(order(SharingScheme::None, 3, 1), (Order{0, 1, 2}));
  EXPECT_EQ(order(SharingScheme::Immediate, 3, 2), (Order{0, 0, 1, 1, 2, 2}));
  EXPECT_EQ(order(SharingScheme::RepeatAll, 3, 2), (Order{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(order(SharingScheme::Reverse, 3, 2), (Order{0, 1, 2, 2, 1, 0}));
  EXPECT_EQ(order(SharingScheme::Reverse, 2, 3), (Order{0, 1, 1, 0, 0, 1}));
}

static ArchSpec mobileLlm(int64_t hidden, int64_t inner, int64_t layers, int64_t heads, int64_t kv,
                          bool tied) {
  ArchSpec arch;
  arch.hiddenSize = hidden;
  arch.intermediateSize = inner;
  arch.numLayers = layers;
  arch.numHeads = heads;
  arch.numKvHeads = kv;
  arch.headDim = 64;
  arch.vocabSize = 32000;
  arch.tieEmbeddings = tied;
  return arch;
}

/// The published counts.
TEST(ArchSpec, ParameterCount) {
  EXPECT_EQ(mobileLlm(576, 1536, 30, 9, 3, true).parameterCount(), 124635456);
  EXPECT_EQ(mobileLlm(960, 2560, 32, 15, 5, true).parameterCount(), 345355200);
  EXPECT_EQ(mobileLlm(1152, 3072, 40, 18, 6, true).parameterCount(), 603188352);
  EXPECT_EQ(mobileLlm(1280, 3584, 54, 20, 5, true).parameterCount(), 1005461760);
  EXPECT_EQ(mobileLlm(1600, 4352, 54, 25, 5, true).parameterCount(), 1511188800);
  EXPECT_EQ(mobileLlm(1600, 4352, 54, 25, 5, false).parameterCount(), 1562388800);
  ArchSpec shared = mobileLlm(576, 1536, 30, 9, 3, true);
  shared.sharing = SharingScheme::Immediate;
  shared.repeat = 2;
  EXPECT_EQ(shared.parameterCount(), 124635456); // runs are not parameters
  EXPECT_EQ(shared.numRuns(), 60);
}

TEST(ArchSpec, NamesFromFiles) {
  EXPECT_EQ(modelNameFrom("SmolLM2-135M-Instruct.Q4_1"), "smollm2-135m-instruct-q4-1");
  EXPECT_EQ(modelNameFrom("__a..b__"), "a-b");
  EXPECT_EQ(modelNameFrom("\xc3\xa9"), "model");
  EXPECT_EQ(modelNameFrom(std::string(300, 'x')).size(), 128u);
}
