#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/ResolveModel.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

namespace {

/// A folder with the tiny llama's config.json and weights.
struct HfFolder : testing::Test {
  HfFolder() {
    config(tinyConfig());
    folder.write("model.safetensors", tinySafetensors());
  }
  void config(StringRef text) { folder.write("config.json", text); }
  void change(StringRef from, StringRef to) { config(replaced(tinyConfig(), from, to)); }

  ModelSpec resolve() { return succeed(resolveModel(folder.path())); }
  std::string error() { return textOf(resolveModel(folder.path()), folder); }
  int exit() { return exitOf(resolveModel(folder.path())); }

  TempFolder folder;
};

} // namespace

TEST_F(HfFolder, Reads) {
  ModelSpec model = resolve();
  EXPECT_EQ(model.arch.hiddenSize, 64);
  EXPECT_EQ(model.arch.intermediateSize, 96);
  EXPECT_EQ(model.arch.numLayers, 2);
  EXPECT_EQ(model.arch.numHeads, 4);
  EXPECT_EQ(model.arch.numKvHeads, 2);
  EXPECT_EQ(model.arch.headDim, 16); // hidden_size / heads
  EXPECT_EQ(model.arch.vocabSize, 10);
  EXPECT_EQ(model.arch.maxContext, 128);
  EXPECT_EQ(model.arch.normEps, 1e-5);
  EXPECT_EQ(model.arch.ropeStyle, RopeStyle::Half);
  EXPECT_EQ(model.arch.sharing, SharingScheme::None);
  EXPECT_EQ(model.weightsPath, folder.file("model.safetensors"));
  EXPECT_FALSE(model.tokenizer);
  auto weights = succeed(openWeights(model));
  EXPECT_EQ(textOf(checkTensors(model.arch, *weights), folder), "success");
}

TEST_F(HfFolder, ResolvedYamlReadsBack) {
  folder.write("tokenizer.json", "{}");
  folder.write("tokenizer_config.json", R"({"add_bos_token":true,"chat_template":"x"})");
  std::string text = writeArchitectureYaml(resolve(), folder.path());
  ModelSpec again = succeed(resolveModel(folder.write("model.yaml", text)));
  EXPECT_EQ(writeArchitectureYaml(again, folder.path()), text);
}

/// The table of mobilellm.md, section 2.
TEST_F(HfFolder, TieRules) {
  EXPECT_TRUE(resolve().arch.tieEmbeddings); // a Llama without lm_head.weight
  folder.write("model.safetensors", tinySafetensors(/*tied=*/false));
  EXPECT_FALSE(resolve().arch.tieEmbeddings); // a Llama with one
  change("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true");
  EXPECT_TRUE(resolve().arch.tieEmbeddings); // the key wins over a stray head
  change("\"tie_word_embeddings\": false", "\"share_embedding\": true");
  EXPECT_TRUE(resolve().arch.tieEmbeddings);
  std::string mobile = replaced(tinyConfig(), "LlamaForCausalLM", "MobileLLMForCausalLM");
  config(mobile);
  EXPECT_TRUE(resolve().arch.tieEmbeddings); // absent means true for this class
  config(replaced(mobile, "\"tie_word_embeddings\": false", "\"share_embedding\": false"));
  EXPECT_FALSE(resolve().arch.tieEmbeddings);
}

TEST_F(HfFolder, StrayHeadOfATiedModelIsIgnoredWithAWarning) {
  change("LlamaForCausalLM", "MobileLLMForCausalLM");
  std::string stray = tinySafetensors(/*tied=*/false);
  folder.write("model.safetensors", stray);
  ModelSpec model = resolve();
  auto same = succeed(openWeights(model));
  std::vector<std::string> warnings;
  EXPECT_EQ(textOf(checkTensors(model.arch, *same, &warnings), folder), "success");
  EXPECT_TRUE(warnings.empty()); // zeros both
  stray.back() = 1;
  folder.write("model.safetensors", stray);
  auto other = succeed(openWeights(model));
  EXPECT_EQ(textOf(checkTensors(model.arch, *other, &warnings), folder), "success");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("warning: tensor 'lm_head.weight' differs from the embedding"),
            std::string::npos);
}

TEST_F(HfFolder, MobileLlm) {
  change("\"model_type\": \"llama\"", "\"model_type\": \"mobilellm\",\n  \"layer_sharing\": true");
  config(replaced(replaced(tinyConfig(), "LlamaForCausalLM", "MobileLLMForCausalLM"),
                  "\"model_type\": \"llama\"",
                  "\"model_type\": \"mobilellm\", \"layer_sharing\": true, \"head_dim\": 16"));
  ModelSpec model = resolve();
  EXPECT_EQ(model.arch.sharing, SharingScheme::Immediate);
  EXPECT_EQ(model.arch.repeat, 2);
  EXPECT_EQ(model.arch.headDim, 16);
}

TEST_F(HfFolder, RopeParametersOfTransformers5) {
  change("\"rope_theta\": 10000.0",
         "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 500000.0}");
  EXPECT_EQ(resolve().arch.ropeTheta, 500000);
}

TEST_F(HfFolder, UnsupportedFeatures) {
  struct Case {
    const char *from, *to, *error;
  };
  for (const Case &c : {
           Case{"\"model_type\": \"llama\"", "\"model_type\": \"llama4_text\"",
                "config.json:3:17: error: 'model_type' is 'llama4_text', expected 'llama' or "
                "'mobilellm'"},
           Case{"LlamaForCausalLM", "MobileLLMP1ForCausalLM",
                "config.json:2:21: error: the class 'MobileLLMP1ForCausalLM' is not supported, "
                "expected 'LlamaForCausalLM' or 'MobileLLMForCausalLM'"},
           Case{"\"rope_scaling\": null", "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}",
                "config.json:13:28: error: 'rope_scaling' has the type 'linear', expected "
                "'default'"},
           Case{"\"hidden_act\": \"silu\"", "\"hidden_act\": \"gelu\"",
                "config.json:14:17: error: 'hidden_act' is 'gelu', expected 'silu'"},
           Case{"\"attention_bias\": false", "\"attention_bias\": true",
                "config.json:15:21: error: 'attention_bias' is true, expected false"},
           Case{"\"attention_bias\": false", "\"mlp_bias\": true",
                "config.json:15:15: error: 'mlp_bias' is true, expected false"},
           Case{"\"attention_bias\": false", "\"quantization_config\": {\"bits\": 4}",
                "config.json:15:26: error: 'quantization_config' is not supported"},
       }) {
    change(c.from, c.to);
    EXPECT_EQ(error(), c.error);
    EXPECT_EQ(exit(), 3) << c.error;
  }
}

TEST_F(HfFolder, MalformedConfig) {
  struct Case {
    const char *from, *to, *error;
  };
  for (const Case &c : {
           Case{"  \"hidden_size\": 64,\n", "",
                "config.json:1:1: error: the key 'hidden_size' is missing"},
           Case{"\"hidden_size\": 64", "\"hidden_size\": \"64\"",
                "config.json:4:18: error: 'hidden_size' is '64', expected an integer"},
           Case{"\"hidden_size\": 64", "\"hidden_size\": 65",
                "config.json:4:18: error: 'hidden_size' is 65, expected a multiple of "
                "'num_attention_heads' (4) where 'head_dim' is absent"},
           Case{"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
                "config.json:8:26: error: 'num_key_value_heads' is 3, expected a divisor of "
                "'num_attention_heads' (4)\nconfig.json:7:26: note: 'num_attention_heads' set "
                "here"},
           Case{"\"num_hidden_layers\": 2", "\"num_hidden_layers\": 4000000000",
                "config.json:6:24: error: 'num_hidden_layers' is 4000000000, expected 1 to 1024"},
           Case{"\"num_attention_heads\": 4", "\"num_attention_heads\": 0",
                "config.json:4:18: error: 'hidden_size' is 64, expected a multiple of "
                "'num_attention_heads' (0) where 'head_dim' is absent"},
           Case{"\"rms_norm_eps\": 1e-05", "\"rms_norm_eps\": -1",
                "config.json:11:19: error: 'rms_norm_eps' is -1.0e+00, expected a number above 0"},
           Case{"\"hidden_size\": 64", "\"hidden_size\": 64, \"hidden_size\": 32",
                "config.json:4:22: error: the key 'hidden_size' is there twice\n"
                "config.json:4:3: note: first set here"},
       }) {
    change(c.from, c.to);
    EXPECT_EQ(error(), c.error);
    EXPECT_EQ(exit(), 1) << c.error;
  }
  std::filesystem::remove(folder.file("config.json"));
  EXPECT_EQ(error(), "config.json: error: cannot open: No such file or directory");
}

TEST_F(HfFolder, Tokenizer) {
  folder.write("tokenizer.json", "{}");
  ModelSpec model = resolve();
  ASSERT_TRUE(model.tokenizer);
  EXPECT_EQ(model.tokenizer->path, folder.file("tokenizer.json"));
  EXPECT_FALSE(model.tokenizer->addBos); // byte-level BPE
  EXPECT_EQ(model.tokenizer->bos, 1);
  EXPECT_EQ(model.tokenizer->eos, std::vector<int64_t>{2});

  folder.write("tokenizer.model", "\n\3\n\1a"); // one piece
  folder.write("generation_config.json", R"({"eos_token_id": [2, 3, 2]})");
  model = resolve();
  EXPECT_EQ(model.tokenizer->path, folder.file("tokenizer.model"));
  EXPECT_TRUE(model.tokenizer->addBos); // SentencePiece
  EXPECT_EQ(model.tokenizer->eos, (std::vector<int64_t>{2, 3}));

  folder.write("tokenizer_config.json",
               R"({"add_bos_token": false, "chat_template": [{"name": "tool", "template": "t"},
                  {"name": "default", "template": "d"}]})");
  model = resolve();
  EXPECT_FALSE(model.tokenizer->addBos);
  EXPECT_EQ(model.tokenizer->chatTemplate, "d");
  folder.write("chat_template.jinja", "j");
  EXPECT_EQ(resolve().tokenizer->chatTemplate, "j");

  folder.write("generation_config.json", R"({"eos_token_id": 10})");
  EXPECT_EQ(error(), "generation_config.json:1:18: error: 'eos_token_id' is 10, expected a token "
                     "id below 10\nconfig.json:9:17: note: 'vocab_size' set here");
}

TEST_F(HfFolder, WeightFiles) {
  folder.write("model.safetensors.index.json", R"({"weight_map": {}})");
  EXPECT_EQ(error(), "model.safetensors.index.json:1:16: error: 'weight_map' is empty");
  std::filesystem::remove(folder.file("model.safetensors.index.json"));
  std::filesystem::rename(folder.file("model.safetensors"), folder.file("other.safetensors"));
  ModelSpec model = resolve();
  EXPECT_EQ(model.weightsPath, folder.path());
  EXPECT_EQ(textOf(openWeights(model), folder), "success");

  std::filesystem::remove(folder.file("other.safetensors"));
  EXPECT_EQ(resolve().weightsPath, std::nullopt);
  EXPECT_EQ(exitOf(openWeights(resolve())), 1);

  // Whether a Llama is tied is for its weights to say; a MobileLLM has a key for it.
  std::string bin = folder.write("pytorch_model.bin", StringRef("PK\x03\x04rest", 8));
  EXPECT_EQ(error(), "pytorch_model.bin: error: the file has 8 bytes, expected a ZIP archive's end "
                     "record of 22");
  change("LlamaForCausalLM", "MobileLLMForCausalLM");
  EXPECT_EQ(resolve().weightsPath, bin);
}
