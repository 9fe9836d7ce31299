//===- SymbolTest.cpp - Kernels stand alone -------------------------------===//
//
// Every algorithm at every runnable level: its object defines its own symbol
// and needs none of anybody's, neither a maths library's nor Halide's.
//
//===----------------------------------------------------------------------===//

#include "test/kernels/KernelLibrary.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

using namespace ingot;
using namespace ingot::test;

namespace {

/// Parameters for each family, by the beginning of its algorithms' names; the
/// first that fits is taken. Sizes are odd where the algorithm takes odd ones.
struct Sample {
  const char *prefix, *params;
};
constexpr Sample kSamples[] = {
    {"attention_combine", "heads=9,head_dim=64,tile=8,item_heads=3"},
    {"attention_partial", "heads=9,kv_heads=3,head_dim=64"},
    {"embedding", "rows=100,cols=96"},
    {"kv_store_k_q8", "heads=9,kv_heads=3,head_dim=64,unit=32"},
    {"kv_store_v_q8", "heads=9,kv_heads=3,head_dim=64,unit=32"},
    {"kv_store", "heads=9,kv_heads=3,head_dim=64,unit=16"},
    {"matmat", "rows=100,cols=96"},
    {"matvec", "rows=100,cols=96"},
    {"quantize", "cols=96"},
    {"rms_norm_quantize", "cols=96,eps_bits=925353388"},
    {"rms_norm", "cols=99,eps_bits=925353388"},
    {"rope_angles", "head_dim=64"},
    {"rope_q_q8", "heads=9,kv_heads=3,head_dim=64,unit=32"},
    {"rope_q", "heads=9,kv_heads=3,head_dim=64,unit=16"},
    {"swiglu_quantize", "features=96,group=32"},
    {"swiglu", "features=100,group=16"},
};

const Sample *sampleOf(const std::string &algorithm) {
  for (const Sample &sample : kSamples)
    if (algorithm.starts_with(sample.prefix))
      return &sample;
  return nullptr;
}

std::string outputOf(const std::string &command) {
  FILE *pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 256> buffer;
  while (pipe && std::fgets(buffer.data(), buffer.size(), pipe))
    text += buffer.data();
  if (pipe)
    pclose(pipe);
  return text;
}

TEST(SymbolTest, EveryAlgorithmStandsAlone) {
  std::string folder = std::filesystem::temp_directory_path() / "ingot-symbols-XXXXXX";
  ASSERT_NE(nullptr, mkdtemp(folder.data()));
  const std::string object = folder + "/k.o";
  for (const std::string &algorithm : kernelAlgorithms()) {
    const Sample *sample = sampleOf(algorithm);
    ASSERT_NE(nullptr, sample) << "no sample for '" << algorithm << "'";
    for (const RunnableLevel &level : runnableLevels()) {
      if (level.target->objectFormat == ObjectFormat::Source)
        continue; // its kernels are the user's compiler's, which has a C library
      const std::string command =
          std::string(INGOT_KERNEL_TOOL) + " --algorithm " + algorithm + " --params " +
          sample->params + " --symbol k --target " + std::string(level.target->name) + " --level " +
          std::string(level.level->name) + " --emit obj -o " + object + " 2> " + folder + "/log";
      ASSERT_EQ(0, std::system(command.c_str())) << command;
      EXPECT_EQ("k\n", outputOf(std::string(INGOT_NM) + " -g --defined-only -j " + object));
      EXPECT_EQ("", outputOf(std::string(INGOT_NM) + " -u " + object)) << command;
    }
  }
  std::filesystem::remove_all(folder);
}

} // namespace
