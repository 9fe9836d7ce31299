//===- ArchitectureYamlTest.cpp - The YAML and each of its errors ---------===//
//
// Every negative case is the good file with one change, so it cannot fail for
// another reason.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/ImportError.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

namespace {

struct Change {
  const char *label; ///< the constraint of docs/spec/architecture-yaml.md, or the rule
  const char *from, *to;
  int exit;
  const char *error;
};

void PrintTo(const Change &change, std::ostream *os) { *os << change.label; }

class ArchitectureYamlError : public testing::TestWithParam<Change> {};

} // namespace

static std::string readError(StringRef yaml, int *exit = nullptr) {
  TempFolder folder;
  std::string path = folder.write("model.yaml", yaml);
  if (exit)
    *exit = exitOf(readArchitectureYaml(path));
  return textOf(readArchitectureYaml(path), folder);
}

TEST_P(ArchitectureYamlError, Text) {
  const Change &change = GetParam();
  ASSERT_EQ(readError(tinyYaml()), "success");
  int exit = 0;
  EXPECT_EQ(readError(replaced(tinyYaml(), change.from, change.to), &exit), change.error);
  EXPECT_EQ(exit, change.exit);
}

static const Change changes[] = {
    {"arch_c1", "name: tiny", "name: Tiny", 1,
     "model.yaml:2:7: error: 'name' is 'Tiny', expected letters a-z, digits and '-'"},
    {"arch_c2_zero", "hidden_size: 64", "hidden_size: 0", 1,
     "model.yaml:4:16: error: 'hidden_size' is 0, expected 1 to 16777216"},
    {"arch_c2_negative", "intermediate_size: 96", "intermediate_size: -96", 1,
     "model.yaml:5:22: error: 'intermediate_size' is -96, expected 1 to 16777216"},
    {"arch_c2_large", "vocab_size: 10", "vocab_size: 16777217", 1,
     "model.yaml:10:15: error: 'vocab_size' is 16777217, expected 1 to 16777216"},
    {"arch_c2_huge", "max_context: 128", "max_context: 9223372036854775807", 1,
     "model.yaml:11:16: error: 'max_context' is 9223372036854775807, expected 1 to 16777216"},
    {"arch_c2_overflow", "max_context: 128", "max_context: 9223372036854775808", 1,
     "model.yaml:11:16: error: 'max_context' is 9223372036854775808, expected an integer"},
    {"arch_c3_layers", "num_layers: 2", "num_layers: 1025", 1,
     "model.yaml:6:15: error: 'num_layers' is 1025, expected 1 to 1024"},
    {"arch_c3_head", "head_dim: 16", "head_dim: 258", 1,
     "model.yaml:9:13: error: 'head_dim' is 258, expected 1 to 256"},
    {"arch_c4", "num_kv_heads: 2", "num_kv_heads: 3", 1,
     "model.yaml:8:17: error: 'num_kv_heads' is 3, expected a divisor of 'num_heads' (4)\n"
     "model.yaml:7:14: note: 'num_heads' set here"},
    {"arch_c5", "head_dim: 16", "head_dim: 15", 1,
     "model.yaml:9:13: error: 'head_dim' is 15, expected an even number"},
    {"arch_c6_eps", "eps: 1.0e-5", "eps: 0.0", 1,
     "model.yaml:13:26: error: 'eps' is 0.0e+00, expected a number above 0"},
    {"arch_c6_theta", "theta: 10000.0", "theta: -1", 1,
     "model.yaml:14:17: error: 'theta' is -1.0e+00, expected a number above 0"},
    {"arch_c6_not_finite", "theta: 10000.0", "theta: .inf", 1,
     "model.yaml:14:17: error: 'theta' is .inf, expected a number"},
    {"arch_c7", "num_heads: 4\n  num_kv_heads: 2", "num_heads: 16777216\n  num_kv_heads: 2", 1,
     "model.yaml:9:13: error: 'num_heads' times 'head_dim' is above 16777216\n"
     "model.yaml:7:14: note: 'num_heads' set here"},
    {"arch_c8", "hidden_size: 64\n  intermediate_size: 96",
     "hidden_size: 16777216\n  intermediate_size: 16777216", 1,
     "model.yaml:4:16: error: the architecture has more than 1099511627776 parameters"},
    {"arch_c9",
     "num_layers: 2\n  num_heads: 4\n  num_kv_heads: 2\n  head_dim: 16\n"
     "  vocab_size: 10\n  max_context: 128",
     "num_layers: 1024\n  num_heads: 65536\n  num_kv_heads: 65536\n  head_dim: 16\n"
     "  vocab_size: 10\n  max_context: 16777216",
     1,
     "model.yaml:11:16: error: the cache of keys and values has more than 281474976710656 "
     "elements"},
    {"arch_c10", "repeat: 2", "repeat: 65", 1,
     "model.yaml:16:46: error: 'repeat' is 65, expected 1 to 64"},
    {"arch_c11_none", "scheme: immediate", "scheme: none", 1,
     "model.yaml:16:41: error: 'repeat' is 2, expected 1 for the scheme 'none'\n"
     "model.yaml:16:27: note: 'scheme' set here"},
    {"arch_c11_shared", "repeat: 2", "repeat: 1", 1,
     "model.yaml:16:46: error: 'repeat' is 1, expected at least 2 for a scheme that shares\n"
     "model.yaml:16:27: note: 'scheme' set here"},
    {"arch_c12_bos", "bos: 1,", "bos: 10,", 1,
     "model.yaml:18:56: error: 'bos' is 10, expected a token id below 10\n"
     "model.yaml:10:15: note: 'vocab_size' set here"},
    {"arch_c12_eos", "eos: [2]", "eos: [2, -1]", 1,
     "model.yaml:18:64: error: 'eos' is -1, expected a token id below 10\n"
     "model.yaml:10:15: note: 'vocab_size' set here"},
    {"unknown_key", "num_layers: 2", "num_layer: 2", 1,
     "model.yaml:6:3: error: unknown key 'num_layer' in 'architecture', did you mean "
     "'num_layers'?"},
    {"unknown_top_key", "weights:", "weigths:", 1,
     "model.yaml:17:1: error: unknown key 'weigths', did you mean 'weights'?"},
    {"unknown_far_key", "activation: silu", "sliding_window: 512", 1,
     "model.yaml:12:3: error: unknown key 'sliding_window' in 'architecture'"},
    {"missing_key", "  hidden_size: 64\n", "", 1,
     "model.yaml:4:3: error: the key 'hidden_size' is missing in 'architecture'"},
    {"missing_version", "ingot: 1\n", "", 1, "model.yaml:1:1: error: the key 'ingot' is missing"},
    {"later_version", "ingot: 1", "ingot: 2", 3,
     "model.yaml:1:8: error: 'ingot' is 2, this version reads 1"},
    {"feature_activation", "activation: silu", "activation: gelu", 3,
     "model.yaml:12:15: error: 'activation' is gelu, expected 'silu'"},
    {"feature_norm", "kind: rms", "kind: layer", 3,
     "model.yaml:13:16: error: 'kind' is layer, expected 'rms'"},
    {"feature_style", "style: half", "style: halve", 3,
     "model.yaml:14:33: error: 'style' is halve, expected 'half' or 'interleaved', did you mean "
     "'half'?"},
    {"feature_scheme", "scheme: immediate", "scheme: imediate", 3,
     "model.yaml:16:27: error: 'scheme' is imediate, expected 'none', 'immediate', 'repeat_all' "
     "or 'reverse', did you mean 'immediate'?"},
    {"feature_blocks", "  activation: silu\n", "  blocks: [{range: [0, 1], sliding_window: 512}]\n",
     3, "model.yaml:12:28: error: the block feature 'sliding_window' is not supported"},
    {"empty_blocks", "  activation: silu\n", "  blocks: [{range: [0, 1]}]\n", 1,
     "model.yaml:12:12: error: an entry of 'blocks' overrides nothing"},
    {"type_text", "hidden_size: 64", "hidden_size: many", 1,
     "model.yaml:4:16: error: 'hidden_size' is many, expected an integer"},
    {"type_quoted", "hidden_size: 64", "hidden_size: \"64\"", 1,
     "model.yaml:4:16: error: 'hidden_size' is '64', expected an integer"},
    {"type_fraction", "hidden_size: 64", "hidden_size: 64.0", 1,
     "model.yaml:4:16: error: 'hidden_size' is 64.0, expected an integer"},
    {"type_null", "hidden_size: 64", "hidden_size:", 1,
     "model.yaml:4:3: error: 'hidden_size' is nothing, expected an integer"},
    {"type_list", "hidden_size: 64", "hidden_size: [64]", 1,
     "model.yaml:4:16: error: 'hidden_size' is a list, expected an integer"},
    {"type_truth", "tie_embeddings: true", "tie_embeddings: yes", 1,
     "model.yaml:15:19: error: 'tie_embeddings' is yes, expected true or false"},
    {"type_map", "norm: {kind: rms, eps: 1.0e-5}", "norm: rms", 1,
     "model.yaml:13:9: error: 'norm' is rms, expected a map"},
    {"type_eos", "eos: [2]", "eos: {a: 2}", 1,
     "model.yaml:18:64: error: 'eos' is a map, expected a token id or a list of them"},
    {"duplicate", "num_layers: 2", "hidden_size: 2", 1,
     "model.yaml:6:3: error: the key 'hidden_size' is there twice"},
    {"anchor", "hidden_size: 64", "hidden_size: &a 64", 1,
     "model.yaml:4:16: error: anchors are not allowed"},
    {"alias", "hidden_size: 64", "hidden_size: *a", 1,
     "model.yaml:4:16: error: the referenced anchor is not defined"},
    {"merge", "  hidden_size: 64\n", "  <<: {hidden_size: 64}\n", 1,
     "model.yaml:4:3: error: merge keys are not allowed"},
    {"tag", "hidden_size: 64", "hidden_size: !!int 64", 1,
     "model.yaml:4:16: error: tags are not allowed"},
    {"bare_tag", "name: tiny", "name: ! tiny", 1, "model.yaml:2:7: error: tags are not allowed"},
    {"tagged_map", "norm: {", "norm: !x {", 1, "model.yaml:13:9: error: tags are not allowed"},
    {"complex_key", "name: tiny", "[name]: tiny", 1, "model.yaml:2:1: error: a key must be a word"},
    {"second_document", "weights:", "---\nweights:", 1,
     "model.yaml:1:1: error: the file has more than one document"},
    {"not_utf8", "name: tiny", "name: \xff", 1,
     "model.yaml: error: the text is not UTF-8 at byte 15"},
    {"control", "name: tiny", "name: \x01", 1,
     "model.yaml:2:7: error: a control character in the text"},
    {"syntax", "norm: {kind: rms, eps: 1.0e-5}", "norm: {kind: rms", 1,
     "model.yaml:14:7: error: end of map flow not found"},
    {"no_path", "{path: model.safetensors, names: hf}", "{names: hf}", 1,
     "model.yaml:17:10: error: the key 'path' is missing in 'weights'"},
    {"nul_in_path", "path: model.safetensors", "path: \"a\\0b\"", 1,
     "model.yaml:17:17: error: 'path' is 'a\\x00b', expected a string"},
};

INSTANTIATE_TEST_SUITE_P(Each, ArchitectureYamlError, testing::ValuesIn(changes),
                         [](const auto &info) { return std::string(info.param.label); });

TEST(ArchitectureYaml, Reads) {
  TempFolder folder;
  llvm::Expected<ModelSpec> model = readArchitectureYaml(folder.write("model.yaml", tinyYaml()));
  ASSERT_TRUE(bool(model));
  EXPECT_EQ(model->arch.name, "tiny");
  EXPECT_EQ(model->arch.intermediateSize, 96);
  EXPECT_EQ(model->arch.numKvHeads, 2);
  EXPECT_EQ(model->arch.normEps, 1e-5);
  EXPECT_EQ(model->arch.sharing, SharingScheme::Immediate);
  EXPECT_EQ(model->arch.numRuns(), 4);
  EXPECT_EQ(model->weightsPath, folder.file("model.safetensors"));
  EXPECT_EQ(model->tokenizer->path, folder.file("tokenizer.model"));
  EXPECT_TRUE(model->tokenizer->addBos);
  EXPECT_EQ(model->tokenizer->bos, 1);
  EXPECT_EQ(model->tokenizer->eos, std::vector<int64_t>{2});
}

TEST(ArchitectureYaml, Defaults) {
  TempFolder folder;
  std::string path = folder.write("My Model.yaml", R"(ingot: 1
architecture: {hidden_size: 64, intermediate_size: 96, num_layers: 2, num_heads: 4,
               vocab_size: 10, max_context: 128}
weights: {path: x.gguf}
tokenizer: {path: tokenizer.model, eos: 3}
)");
  llvm::Expected<ModelSpec> model = readArchitectureYaml(path);
  ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
  EXPECT_EQ(model->arch.name, "my-model");
  EXPECT_EQ(model->arch.numKvHeads, 4);
  EXPECT_EQ(model->arch.headDim, 16);
  EXPECT_EQ(model->arch.normEps, 1e-5);
  EXPECT_EQ(model->arch.ropeTheta, 10000);
  EXPECT_TRUE(model->arch.tieEmbeddings);
  EXPECT_EQ(model->arch.sharing, SharingScheme::None);
  EXPECT_EQ(model->arch.repeat, 1);
  EXPECT_EQ(model->weightNames, TensorNames::Gguf);
  EXPECT_EQ(model->arch.ropeStyle, RopeStyle::Interleaved); // of GGUF names
  EXPECT_TRUE(model->tokenizer->addBos);                    // of a SentencePiece model
  EXPECT_EQ(model->tokenizer->bos, std::nullopt);
  EXPECT_EQ(model->tokenizer->eos, std::vector<int64_t>{3});
}

TEST(ArchitectureYaml, SharingRepeatsTwiceByDefault) {
  TempFolder folder;
  llvm::Expected<ModelSpec> model = readArchitectureYaml(
      folder.write("model.yaml", replaced(tinyYaml(), "immediate, repeat: 2", "reverse")));
  ASSERT_TRUE(bool(model));
  EXPECT_EQ(model->arch.sharing, SharingScheme::Reverse);
  EXPECT_EQ(model->arch.repeat, 2);
}

static std::string describe(const ModelSpec &model) { return writeArchitectureYaml(model, ""); }

TEST(ArchitectureYaml, RoundTrip) {
  TempFolder folder;
  ModelSpec model = succeed(readArchitectureYaml(folder.write("model.yaml", tinyYaml())));
  // Values that are hard to write: numbers without a short decimal, text with
  // everything that YAML gives a meaning.
  model.arch.normEps = 0.1 + 0.2;
  model.arch.ropeTheta = 1e300;
  model.arch.name = "null";
  model.tokenizer->chatTemplate =
      "{% if x %}\n\t\"quoted\" 'single' \\ # no comment: - & * ! | > @ `\x01\x7f\r\n\n  "
      "\xc3\xa9\xe2\x80\xa8\xc2\x85\xf0\x9f\x98\x80 {% endif %} ";
  model.tokenizer->eos = {2, 3};
  model.weightsPath = folder.file("we\"ird: {name}\n.safetensors");
  std::string text = writeArchitectureYaml(model, folder.path());
  ModelSpec again = succeed(readArchitectureYaml(folder.write("again.yaml", text)));
  EXPECT_EQ(again.arch.normEps, model.arch.normEps);
  EXPECT_EQ(again.arch.ropeTheta, model.arch.ropeTheta);
  EXPECT_EQ(again.tokenizer->chatTemplate, model.tokenizer->chatTemplate);
  EXPECT_EQ(again.weightsPath, model.weightsPath);
  EXPECT_EQ(describe(again), describe(model));
  EXPECT_EQ(writeArchitectureYaml(again, folder.path()), text);
}

TEST(ArchitectureYaml, WrittenTextAndPaths) {
  ModelSpec model;
  model.arch = {"tiny", 64,
                96,     2,
                4,      2,
                16,     10,
                128,    1e-5,
                1e5,    RopeStyle::Half,
                true,   SharingScheme::RepeatAll,
                3};
  model.weightsPath = "/out/w.safetensors";
  model.tokenizer = TokenizerRef{"/outside/t.json", false, std::nullopt, {}, std::nullopt};
  EXPECT_EQ(writeArchitectureYaml(model, "/out"), R"(ingot: 1
name: "tiny"
architecture:
  hidden_size: 64
  intermediate_size: 96
  num_layers: 2
  num_heads: 4
  num_kv_heads: 2
  head_dim: 16
  vocab_size: 10
  max_context: 128
  activation: silu
  norm: {kind: rms, eps: 1.0e-05}
  rope: {theta: 100000.0, style: half}
  tie_embeddings: true
  layer_sharing: {scheme: repeat_all, repeat: 3}
weights: {path: "w.safetensors", names: hf}
tokenizer:
  path: "/outside/t.json"
  add_bos: false
  eos: []
)");
}

TEST(ArchitectureYaml, HugeAndDeepFilesAreRefused) {
  EXPECT_EQ(readError(std::string(256 * 1024 + 1, '#')),
            "model.yaml: error: the file has 262145 bytes, expected at most 262144");
  EXPECT_EQ(readError(std::string(70, '[') + std::string(70, ']')),
            "model.yaml:1:65: error: more than 64 levels of nesting");
  std::string wide = "[";
  for (int i = 0; i < 16384; ++i)
    wide += "a,\n";
  EXPECT_EQ(readError(wide + "]"), "model.yaml:16384:1: error: more than 16384 values");
  EXPECT_EQ(readError(std::string(32769, '-')),
            "model.yaml: error: the file has 32769 of the characters '[]{},:-?', expected at most "
            "32768");
  EXPECT_EQ(readError(""), "model.yaml:1:1: error: the file is empty, expected a map");
  EXPECT_EQ(readError("- a\n"), "model.yaml:1:1: error: the file is a list, expected a map");
}

TEST(ArchitectureYaml, MissingFile) {
  TempFolder folder;
  EXPECT_EQ(textOf(readArchitectureYaml(folder.file("no.yaml")), folder),
            "no.yaml: error: cannot open: No such file or directory");
  EXPECT_EQ(textOf(readArchitectureYaml(folder.path()), folder),
            folder.path() + ": error: not a regular file");
}
