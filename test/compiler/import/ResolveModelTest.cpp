#include "compiler/import/ResolveModel.h"

#include "compiler/import/CheckTensors.h"
#include "compiler/import/RandomWeights.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

TEST(ResolveModel, TellsByContent) {
  TempFolder folder;
  EXPECT_EQ(textOf(resolveModel(folder.write("model.bin", tinyGguf().finish())), folder),
            "success");
  EXPECT_EQ(textOf(resolveModel(folder.write("model.txt", tinyYaml())), folder), "success");
  EXPECT_EQ(textOf(resolveModel(folder.write("bad.gguf", "FUGG")), folder),
            "bad.gguf: error: the file begins with 'FUGG', expected 'GGUF' at byte 0");
  EXPECT_EQ(textOf(resolveModel(folder.file("none.yaml")), folder),
            "none.yaml: error: no such file or folder");
  EXPECT_EQ(textOf(resolveModel(folder.write("w.safetensors", tinySafetensors())), folder),
            "w.safetensors: error: the file holds weights alone, expected an architecture YAML, a "
            "Hugging Face folder or a GGUF file");
  EXPECT_EQ(exitOf(resolveModel("\xff")), 1);
}

TEST(ResolveModel, WeightsByContent) {
  TempFolder folder;
  ModelSpec model = succeed(resolveModel(folder.write("m.yaml", tinyYaml())));
  EXPECT_EQ(textOf(openWeights(model), folder), "model.safetensors: error: no such file or folder");
  folder.write("model.safetensors", tinySafetensors());
  EXPECT_EQ(textOf(openWeights(model), folder), "success");
  model.weightsPath = folder.path(); // a folder works too
  EXPECT_EQ(textOf(openWeights(model), folder), "success");
  model.weightsPath = folder.write("weights", tinyGguf().finish());
  model.weightNames = TensorNames::Gguf;
  EXPECT_EQ(textOf(openWeights(model), folder), "success");
  model.weightsPath = folder.write("text", "hello world");
  EXPECT_EQ(textOf(openWeights(model), folder),
            "text: error: the file is neither a safetensors, a PyTorch nor a GGUF file");
  model.weightsPath.reset();
  EXPECT_EQ(textOf(openWeights(model), folder),
            "tiny: error: the model names no weights, expected the key 'weights'");
}

TEST(ResolveModel, GgufAsTokenizerFillsTheKeysThatAreAbsent) {
  TempFolder folder;
  folder.write("tiny.gguf", tinyGguf().finish());
  std::string yaml =
      replaced(tinyYaml(), "{path: tokenizer.model, add_bos: true, bos: 1, eos: [2]}",
               "{path: tiny.gguf, eos: [5]}");
  ModelSpec model = succeed(resolveModel(folder.write("m.yaml", yaml)));
  EXPECT_TRUE(model.tokenizer->addBos);
  EXPECT_EQ(model.tokenizer->bos, 1);
  EXPECT_EQ(model.tokenizer->eos, std::vector<int64_t>{5});
  EXPECT_EQ(model.tokenizer->chatTemplate, "{{ messages }}");
}

/// Every example compiles without a weight file, and says what it is.
TEST(ResolveModel, Examples) {
  struct Example {
    const char *name;
    int64_t parameters, runs;
  };
  for (const Example &example :
       {Example{"mobilellm-125m", 124635456, 30}, Example{"mobilellm-125m-ls", 124635456, 60},
        Example{"mobilellm-350m", 345355200, 32}, Example{"mobilellm-350m-ls", 345355200, 64},
        Example{"mobilellm-600m", 603188352, 40}, Example{"mobilellm-1b", 1005461760, 54},
        Example{"mobilellm-1.5b", 1562388800, 54}, Example{"tiny", 127424, 6}}) {
    TempFolder folder;
    std::string path = std::string(INGOT_EXAMPLES) + "/archs/" + example.name + ".yaml";
    llvm::Expected<ModelSpec> model = resolveModel(path);
    ASSERT_TRUE(bool(model)) << llvm::toString(model.takeError());
    EXPECT_EQ(model->arch.parameterCount(), example.parameters) << example.name;
    EXPECT_EQ(model->arch.numRuns(), example.runs) << example.name;
    auto weights = makeRandomWeights(model->arch, 1);
    EXPECT_EQ(textOf(checkTensors(model->arch, *weights), folder), "success");
  }
}
