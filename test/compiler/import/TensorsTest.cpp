//===- TensorsTest.cpp - Tensors against architectures, and their numbers -===//

#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/RandomWeights.h"
#include "compiler/import/ResolveModel.h"
#include "compiler/import/TensorNames.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

/// checkTensors of the tiny YAML, changed, against the tiny weights.
static std::string tensorError(StringRef from, StringRef to) {
  TempFolder folder;
  folder.write("model.safetensors", tinySafetensors());
  std::string yaml = from.empty() ? tinyYaml() : replaced(tinyYaml(), from, to);
  ModelSpec model = succeed(resolveModel(folder.write("m.yaml", yaml)));
  auto weights = succeed(openWeights(model));
  return textOf(checkTensors(model.arch, *weights), folder);
}

TEST(CheckTensors, NamesTensorShapeAndKey) {
  EXPECT_EQ(tensorError("", ""), "success");
  EXPECT_EQ(tensorError("intermediate_size: 96", "intermediate_size: 128"),
            "model.safetensors: error: tensor 'model.layers.0.mlp.gate_proj.weight' is [96, 64], "
            "expected [128, 64] from 'intermediate_size'");
  EXPECT_EQ(tensorError("num_kv_heads: 2", "num_kv_heads: 4"),
            "model.safetensors: error: tensor 'model.layers.0.self_attn.k_proj.weight' is "
            "[32, 64], expected [64, 64] from 'num_kv_heads' and 'head_dim'");
  EXPECT_EQ(tensorError("vocab_size: 10", "vocab_size: 11"),
            "model.safetensors: error: tensor 'model.embed_tokens.weight' is [10, 64], expected "
            "[11, 64] from 'vocab_size'");
  EXPECT_EQ(tensorError("num_layers: 2", "num_layers: 3"),
            "model.safetensors: error: tensor 'model.layers.2.input_layernorm.weight' is missing, "
            "expected [64]");
  EXPECT_EQ(tensorError("num_layers: 2", "num_layers: 1"),
            "model.safetensors: error: tensor 'model.layers.1.input_layernorm.weight' is not part "
            "of this architecture");
  EXPECT_EQ(tensorError("tie_embeddings: true", "tie_embeddings: false"),
            "model.safetensors: error: tensor 'lm_head.weight' is missing, expected [10, 64]");
}

TEST(CheckTensors, MissingTensorOfAGgufIsNamedAsInTheFile) {
  TempFolder folder;
  GgufWriter writer;
  writer.tensor("token_embd.weight", {64, 10}, 0, std::string(2560, '\0'));
  folder.write("model.safetensors", writer.finish());
  ModelSpec model = succeed(
      resolveModel(folder.write("m.yaml", replaced(tinyYaml(), "names: hf", "names: gguf"))));
  auto weights = succeed(openWeights(model));
  EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder),
            "model.safetensors: error: tensor 'blk.0.attn_norm.weight' is missing, expected [64]");
}

TEST(CheckTensors, TwoNamesForOneTensor) {
  GgufWriter writer = tinyGguf();
  writer.tensor("model.norm.weight", {64}, 0, std::string(256, '\0'));
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("m.gguf", writer.finish())));
  auto weights = succeed(openWeights(model));
  EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder),
            "m.gguf: error: tensor 'model.norm.weight' is there under two names");
}

/// checkTensors of the tiny weights with one tensor of 8 numbers more.
static std::string errorWithExtra(StringRef name) {
  TempFolder folder;
  std::string good = tinySafetensors();
  std::string header = good.substr(8, good.find("}}", 8) + 2 - 8);
  std::string data = good.substr(8 + header.size());
  size_t size = data.size();
  header.insert(header.size() - 1,
                ",\"" + name.str() + "\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[" +
                    std::to_string(size) + "," + std::to_string(size + 32) + "]}");
  folder.write("model.safetensors", safetensors(header, data + std::string(32, '\0')));
  ModelSpec model = succeed(resolveModel(folder.write("m.yaml", tinyYaml())));
  auto weights = succeed(openWeights(model));
  return textOf(checkTensors(model.arch, *weights), folder);
}

TEST(CheckTensors, RotationTablesAreImplied) {
  EXPECT_EQ(errorWithExtra("model.layers.0.self_attn.rotary_emb.inv_freq"), "success");
  EXPECT_EQ(errorWithExtra("model.rotary_emb.inv_freq"), "success");
  EXPECT_EQ(errorWithExtra("model.layers.0.self_attn.q_proj.bias"),
            "model.safetensors: error: tensor 'model.layers.0.self_attn.q_proj.bias' is not part "
            "of this architecture");
}

static std::string numberError(TensorType type, StringRef bytes,
                               std::vector<std::string> &warnings) {
  TempFolder folder;
  TensorView view;
  view.name = view.fileName = "t";
  view.type = type;
  view.bytes = {reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()};
  return textOf(checkNumbers(view, "f", &warnings), folder);
}

/// Reliability test 30.
TEST(CheckNumbers, NanAndInfinityAreRefused) {
  std::vector<std::string> warnings;
  auto error = [&](TensorType type, std::string bytes) {
    return numberError(type, bytes, warnings);
  };
  std::string zeros(64, '\0');
  auto with = [&](size_t at, StringRef bytes, size_t size) {
    return zeros.substr(0, at) + bytes.str() + zeros.substr(0, size - at - bytes.size());
  };
  EXPECT_EQ(error(TensorType::F32, with(4, StringRef("\0\0\x80\x7f", 4), 12)),
            "f: error: tensor 't' has a NaN or infinity at element 1");
  EXPECT_EQ(error(TensorType::F32, with(8, StringRef("\1\0\x80\xff", 4), 12)),
            "f: error: tensor 't' has a NaN or infinity at element 2");
  EXPECT_EQ(error(TensorType::F16, with(2, StringRef("\0\x7c", 2), 4)),
            "f: error: tensor 't' has a NaN or infinity at element 1");
  EXPECT_EQ(error(TensorType::BF16, with(0, StringRef("\x80\x7f", 2), 4)),
            "f: error: tensor 't' has a NaN or infinity at element 0");
  EXPECT_EQ(error(TensorType::Q4_0, with(18, StringRef("\0\xfc", 2), 36)),
            "f: error: tensor 't' has a NaN or infinity in the scale of block 1");
  EXPECT_EQ(error(TensorType::Q4_1, with(2, StringRef("\1\x7c", 2), 20)), // the minimum
            "f: error: tensor 't' has a NaN or infinity in the scale of block 0");
  EXPECT_EQ(error(TensorType::Q8_0, with(0, StringRef("\0\x7c", 2), 34)),
            "f: error: tensor 't' has a NaN or infinity in the scale of block 0");
  // The same bytes where no scale is are ordinary weights.
  EXPECT_EQ(error(TensorType::Q8_0, with(2, StringRef("\0\x7c", 2), 34)), "success");
  EXPECT_EQ(error(TensorType::Q4_1, with(4, StringRef("\0\x7c", 2), 20)), "success");
  EXPECT_TRUE(warnings.empty()); // all-zero scales are blocks of zeros
}

TEST(CheckNumbers, DenormalsAreFlagged) {
  std::vector<std::string> warnings;
  EXPECT_EQ(numberError(TensorType::F32, StringRef("\1\0\0\0", 4), warnings), "success");
  EXPECT_EQ(numberError(TensorType::Q8_0, "\1" + std::string(33, '\0'), warnings), "success");
  EXPECT_EQ(warnings, (std::vector<std::string>{"f: warning: tensor 't' has 1 denormal numbers",
                                                "f: warning: tensor 't' has 1 denormal scales"}));
  warnings.clear();
  EXPECT_EQ(numberError(TensorType::F16, StringRef("\1\0", 2), warnings), "success");
  EXPECT_TRUE(warnings.empty()); // normal once it is a float
}

static std::vector<float> floats(const TensorView &view) {
  std::vector<float> numbers(view.bytes.size() / 4);
  std::memcpy(numbers.data(), view.bytes.data(), view.bytes.size());
  return numbers;
}

TEST(RandomWeights, MomentsAndScale) {
  auto weights = makeRandomWeights(tinyArch(), 7);
  std::vector<float> up = floats(*weights->find("model.layers.0.mlp.up_proj.weight"));
  ASSERT_EQ(up.size(), 96u * 64);
  double sum = 0, squares = 0, largest = 0;
  for (float number : up) {
    sum += number;
    squares += double(number) * number;
    largest = std::max(largest, std::abs(double(number)));
  }
  double deviation = 1 / std::sqrt(64.0);
  EXPECT_NEAR(sum / double(up.size()), 0, 4 * deviation / std::sqrt(double(up.size())));
  EXPECT_NEAR(std::sqrt(squares / double(up.size())), deviation, 0.03 * deviation);
  EXPECT_GT(largest, 2.5 * deviation);
  EXPECT_LT(largest, 5 * deviation);
  for (float number : floats(*weights->find("model.norm.weight")))
    EXPECT_NEAR(number, 1, 0.25);
}

TEST(RandomWeights, DependOnSeedAndNameAlone) {
  ArchSpec arch = tinyArch();
  auto first = makeRandomWeights(arch, 7), second = makeRandomWeights(arch, 7),
       other = makeRandomWeights(arch, 8);
  const char *up = "model.layers.0.mlp.up_proj.weight",
             *gate = "model.layers.0.mlp.gate_proj.weight";
  (void)second->find(gate); // another order
  EXPECT_EQ(floats(*first->find(up)), floats(*second->find(up)));
  EXPECT_NE(floats(*first->find(up)), floats(*other->find(up)));
  EXPECT_NE(floats(*first->find(up)), floats(*first->find(gate)));
  std::vector<float> before = floats(*first->find(up));
  first->release(*first->find(up));
  EXPECT_TRUE(first->tensors()[7].bytes.empty() || first->tensors()[7].name != up);
  EXPECT_EQ(floats(*first->find(up)), before);
  EXPECT_EQ(first->find("no.such.weight"), nullptr);
}

/// The bits, so that a change of the generator cannot go unnoticed: benchmarks
/// and golden tests are made with them.
TEST(RandomWeights, GoldenBits) {
  auto weights = makeRandomWeights(tinyArch(), 1);
  std::vector<float> numbers = floats(*weights->find("model.embed_tokens.weight"));
  std::vector<uint32_t> bits(4);
  std::memcpy(bits.data(), numbers.data(), 16);
  EXPECT_EQ(bits, (std::vector<uint32_t>{1032880305, 3182257101, 1026711553, 1010128731}));
}
