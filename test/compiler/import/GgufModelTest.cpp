#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/ResolveModel.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string resolveError(GgufWriter &writer, int *exit = nullptr) {
  TempFolder folder;
  std::string path = folder.write("m.gguf", writer.finish());
  if (exit)
    *exit = exitOf(resolveModel(path));
  return textOf(resolveModel(path), folder);
}

TEST(GgufModel, Reads) {
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("Tiny Llama.gguf", tinyGguf().finish())));
  EXPECT_EQ(model.arch.name, "tiny-llama");
  EXPECT_EQ(model.arch.hiddenSize, 64);
  EXPECT_EQ(model.arch.intermediateSize, 96);
  EXPECT_EQ(model.arch.numLayers, 2);
  EXPECT_EQ(model.arch.numHeads, 4);
  EXPECT_EQ(model.arch.numKvHeads, 2);
  EXPECT_EQ(model.arch.headDim, 16);
  EXPECT_EQ(model.arch.vocabSize, 10);
  EXPECT_EQ(model.arch.maxContext, 128);
  EXPECT_EQ(model.arch.normEps, 1e-5);
  EXPECT_EQ(model.arch.ropeTheta, 10000);
  EXPECT_EQ(model.arch.ropeStyle, RopeStyle::Interleaved);
  EXPECT_TRUE(model.arch.tieEmbeddings);
  EXPECT_EQ(model.weightsPath, folder.file("Tiny Llama.gguf"));
  EXPECT_EQ(model.weightNames, TensorNames::Gguf);
  ASSERT_TRUE(model.tokenizer);
  EXPECT_EQ(model.tokenizer->path, folder.file("Tiny Llama.gguf"));
  EXPECT_TRUE(model.tokenizer->addBos);
  EXPECT_EQ(model.tokenizer->bos, 1);
  EXPECT_EQ(model.tokenizer->eos, std::vector<int64_t>{2});
  EXPECT_EQ(model.tokenizer->chatTemplate, "{{ messages }}");
}

/// The resolved YAML of a GGUF is the same model again.
TEST(GgufModel, ResolvedYamlReadsBack) {
  TempFolder folder;
  std::string gguf = folder.write("tiny.gguf", tinyGguf().finish());
  std::string text = writeArchitectureYaml(succeed(resolveModel(gguf)), folder.path());
  ModelSpec again = succeed(resolveModel(folder.write("model.yaml", text)));
  EXPECT_EQ(writeArchitectureYaml(again, folder.path()), text);
  auto weights = succeed(openWeights(again));
  EXPECT_EQ(textOf(checkTensors(again.arch, *weights), folder), "success");
}

TEST(GgufModel, TensorsHaveCanonicalNames) {
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("m.gguf", tinyGguf().finish())));
  auto weights = succeed(openWeights(model));
  const TensorView *up = weights->find("model.layers.1.mlp.up_proj.weight");
  ASSERT_NE(up, nullptr);
  EXPECT_EQ(up->fileName, "blk.1.ffn_up.weight");
  EXPECT_EQ(up->type, TensorType::Q4_0);
  EXPECT_EQ(up->shape, (llvm::SmallVector<int64_t, 2>{96, 64}));
  EXPECT_EQ(up->bytes.size(), 96u * 2 * 18);
  EXPECT_EQ(weights->find("lm_head.weight"), nullptr);
  EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder), "success");
  for (const TensorView &view : weights->tensors()) {
    EXPECT_EQ(textOf(checkNumbers(view, "m.gguf"), folder), "success");
    weights->release(view); // and what follows is still readable
  }
  EXPECT_EQ(up->bytes[1], 0x3c);
}

TEST(GgufModel, HeadOfItsOwnAndPerBlockArrays) {
  GgufWriter writer;
  writer.string("general.architecture", "llama")
      .u32("llama.block_count", 2)
      .u32("llama.context_length", 128)
      .u32("llama.embedding_length", 64)
      .integers("llama.feed_forward_length", {96, 96})
      .integers("llama.attention.head_count", {4, 4})
      .integers("llama.attention.head_count_kv", {2, 2})
      .f32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
      .u32("llama.vocab_size", 10)
      .string("llama.rope.scaling.type", "none")
      .u32("llama.expert_count", 0);
  writer.tensor("output.weight", {1}, 0, "abcd");
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("m.gguf", writer.finish())));
  EXPECT_FALSE(model.arch.tieEmbeddings);
  EXPECT_EQ(model.arch.numKvHeads, 2);
  EXPECT_EQ(model.arch.ropeTheta, 10000); // the default of the architecture
  EXPECT_FALSE(model.tokenizer);
}

static GgufWriter withKeys(void (*add)(GgufWriter &)) {
  GgufWriter writer = tinyGguf();
  add(writer);
  return writer;
}

TEST(GgufModel, UnsupportedFeaturesAreNamed) {
  struct Case {
    void (*add)(GgufWriter &);
    const char *error;
  };
  for (const Case &c : {
           Case{[](GgufWriter &w) { w.string("llama.rope.scaling.type", "linear"); },
                "the feature behind 'llama.rope.scaling.type' is not supported"},
           Case{[](GgufWriter &w) { w.f32("llama.rope.scaling.factor", 2); },
                "the feature behind 'llama.rope.scaling.factor' is not supported"},
           Case{[](GgufWriter &w) { w.u32("llama.expert_count", 8); },
                "the feature behind 'llama.expert_count' is not supported"},
           Case{[](GgufWriter &w) { w.boolean("llama.attention.causal", false); },
                "the feature behind 'llama.attention.causal' is not supported"},
           Case{[](GgufWriter &w) { w.u32("llama.attention.sliding_window", 512); },
                "the key 'llama.attention.sliding_window' is not supported"},
           Case{[](GgufWriter &w) { w.u32("llama.rope.dimension_count", 8); },
                "'llama.rope.dimension_count' is 8, expected the size of a head (16)"},
           Case{[](GgufWriter &w) { w.u32("llama.attention.value_length", 32); },
                "'llama.attention.value_length' is 32, expected the size of a head (16)"},
       }) {
    int exit = 0;
    GgufWriter writer = withKeys(c.add);
    EXPECT_NE(resolveError(writer, &exit).find(c.error), std::string::npos) << resolveError(writer);
    EXPECT_EQ(exit, 3) << c.error;
  }
}

TEST(GgufModel, OtherArchitecture) {
  GgufWriter writer;
  writer.string("general.architecture", "llama4");
  int exit = 0;
  EXPECT_EQ(resolveError(writer, &exit),
            "m.gguf: error: 'general.architecture' is 'llama4', expected 'llama' at byte 56");
  EXPECT_EQ(exit, 3);
}

TEST(GgufModel, MalformedKeys) {
  GgufWriter none;
  EXPECT_EQ(resolveError(none), "m.gguf: error: the key 'general.architecture' is missing");
  GgufWriter blocks;
  blocks.string("general.architecture", "llama").string("llama.block_count", "two");
  EXPECT_EQ(resolveError(blocks),
            "m.gguf: error: 'llama.block_count' is of type string, expected an integer at byte 98");
  // PR 25821: a block count beyond what the reader has room for.
  GgufWriter many = tinyGguf();
  std::string bytes = many.finish();
  size_t at = bytes.find("llama.block_count") + std::string("llama.block_count").size() + 4;
  bytes.replace(at, 4, StringRef("\xff\xff\xff\x7f", 4).str());
  TempFolder folder;
  EXPECT_EQ(textOf(resolveModel(folder.write("m.gguf", bytes)), folder),
            "m.gguf: error: 'llama.block_count' is 2147483647, expected 1 to 1024 at byte 98");
}

TEST(GgufModel, VocabularyMustAgree) {
  GgufWriter writer = tinyGguf();
  writer.u32("llama.vocab_size", 11);
  EXPECT_NE(resolveError(writer).find("'llama.vocab_size' is 11, the file has 10 tokens"),
            std::string::npos);
}

TEST(GgufModel, TokenIdsAreInTheVocabulary) {
  GgufWriter writer = tinyGguf();
  writer.u32("tokenizer.ggml.eot_token_id", 10);
  EXPECT_NE(resolveError(writer).find("is 10, expected a token id below 10"), std::string::npos);
}

TEST(GgufModel, DifferentBlocksAreUnsupported) {
  GgufWriter writer;
  writer.string("general.architecture", "llama")
      .u32("llama.block_count", 2)
      .u32("llama.context_length", 128)
      .u32("llama.embedding_length", 64)
      .integers("llama.feed_forward_length", {96, 64});
  int exit = 0;
  EXPECT_NE(resolveError(writer, &exit).find("differs between blocks"), std::string::npos);
  EXPECT_EQ(exit, 3);
}

TEST(GgufModel, UnsupportedTensorTypeIsNamed) {
  GgufWriter writer = tinyGguf();
  writer.tensor("extra.weight", {256}, 12, std::string(144, 'x'));
  TempFolder folder;
  std::string path = folder.write("m.gguf", writer.finish());
  ModelSpec model = succeed(resolveModel(path)); // the metadata is fine
  EXPECT_EQ(textOf(openWeights(model), folder),
            "m.gguf: error: tensor 'extra.weight' has the type 'q4_k', expected f32, f16, bf16, "
            "q4_0, q4_1 or q8_0");
  EXPECT_EQ(exitOf(openWeights(model)), 3);
}

TEST(GgufModel, UnexpectedTensorIsNamed) {
  GgufWriter writer = tinyGguf();
  writer.tensor("rope_freqs.weight", {8}, 0, std::string(32, '\0'));
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("m.gguf", writer.finish())));
  auto weights = succeed(openWeights(model));
  EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder),
            "m.gguf: error: tensor 'rope_freqs.weight' is not part of this architecture");
  EXPECT_EQ(exitOf(checkTensors(model.arch, *weights)), 3);
}

/// A block number out of a tensor's name is never an index.
TEST(GgufModel, BlockNumberInANameIsText) {
  for (const char *name : {"blk.99999999999999999999.attn_q.weight", "blk.-1.attn_q.weight",
                           "blk.01.attn_q.weight", "blk..attn_q.weight"}) {
    GgufWriter writer = tinyGguf();
    writer.tensor(name, {32}, 0, std::string(128, '\0'));
    TempFolder folder;
    ModelSpec model = succeed(resolveModel(folder.write("m.gguf", writer.finish())));
    auto weights = succeed(openWeights(model));
    EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder),
              "m.gguf: error: tensor '" + std::string(name) + "' is not part of this architecture");
  }
}
