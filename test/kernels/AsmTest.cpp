//===- AsmTest.cpp - The instructions that the speed stands on ------------===//
//
// Reads assembly, so it needs no machine of the level. An inner loop is what
// stands between LLVM's remark "Inner Loop Header" and the jump that closes it.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/ProductSpec.h"
#include "test/kernels/Tool.h"
#include "test/kernels/Variants.h"

#include <gtest/gtest.h>

#include <regex>

using namespace ingot;
using namespace ingot::test;

namespace {

std::string assembly(const std::string &algorithm, const std::string &level,
                     const std::string &params = "rows=1536,cols=576") {
  TemporaryFolder folder;
  const std::string path = folder.path + "/k.s";
  const Outcome outcome = runTool("--algorithm " + algorithm + " --params " + params +
                                  " --target x86-64 --level " + level + " --emit asm -o " + path);
  EXPECT_EQ(outcome.status, 0) << outcome.text;
  return readFile(path);
}

long count(const std::string &text, const std::string &word) {
  const std::regex pattern("\\b" + word + "\\b");
  return std::distance(std::sregex_iterator(text.begin(), text.end(), pattern), {});
}

std::vector<std::string> innerLoops(const std::string &text) {
  std::istringstream lines(text);
  std::vector<std::string> loops;
  std::string line, loop;
  bool inside = false;
  while (std::getline(lines, line)) {
    if (line.find("Inner Loop Header") != std::string::npos) {
      inside = true;
      loop.clear();
    }
    if (inside)
      loop += line + "\n";
    if (inside && std::regex_search(line, std::regex("^\tj[a-z]+\t"))) {
      inside = false;
      loops.push_back(loop);
    }
  }
  return loops;
}

/// The inner loop with the most lines.
std::string innerLoop(const std::string &text) {
  std::string longest;
  for (const std::string &loop : innerLoops(text))
    if (loop.size() > longest.size())
      longest = loop;
  return longest;
}

/// The inner loop with so many products of bytes; "" where there is none.
std::string loopOf(const std::string &text, long products) {
  for (const std::string &loop : innerLoops(text))
    if (count(loop, "vpmaddubsw") == products)
      return loop;
  return {};
}

TEST(Asm, Avx512MultipliesBytesByFours) {
  // A group is 8 vectors of 4 columns; a tile is 8 tokens.
  for (const char *format : {"q4_0", "q4_1", "q4r", "q8_0", "q8r"}) {
    const std::string matvec = assembly(std::string("matvec_i8_") + format, "avx512vnni");
    EXPECT_EQ(count(innerLoop(matvec), "vpdpbusd"), 8) << format;
    EXPECT_EQ(count(matvec, "vpmaddwd"), 0) << format;
    const std::string matmat = assembly(std::string("matmat_i8_") + format, "avx512vnni");
    EXPECT_EQ(count(innerLoop(matmat), "vpdpbusd"), 64) << format;
    EXPECT_EQ(count(matmat, "vpmaddwd"), 0) << format;
  }
}

TEST(Asm, Avx512AttendsToBytesByFours) {
  // Dots: 8 quads of a unit and 3 heads. Sums: 4 vectors of dims, 3 heads, 2 parts of a weight.
  const std::string heads = "heads=9,kv_heads=3,head_dim=64";
  const std::string text = assembly("attention_partial_q8", "avx512vnni", heads);
  EXPECT_EQ(count(text, "vpdpbusd"), 24 + 24);
  EXPECT_EQ(count(text, "vpmaddwd"), 0);
  EXPECT_EQ(count(text, "vpgatherdd"), 0);
  // Weights are read from the stack, each repeated for all dims; sums are not.
  EXPECT_EQ(count(innerLoop(text), "vpdpbusd"), 24);
  EXPECT_EQ(count(innerLoop(text), "Spill"), 0);
  const std::string words = assembly("attention_partial_q8", "avx2", heads);
  EXPECT_GE(count(words, "vpmaddwd"), 12);
  EXPECT_EQ(count(words, "vpinsrb"), 0) << "keys are loaded as vectors";
}

TEST(Asm, Avx512SpillsNothingInInnerLoops) {
  for (Variant variant : variants())
    for (const char *op : {"matvec", "matmat"}) {
      const std::string name = op + ("_" + variant.name());
      const std::string loop = innerLoop(assembly(name, "avx512vnni"));
      EXPECT_NE(loop, "") << name;
      EXPECT_EQ(count(loop, "rsp"), 0) << name;
    }
}

TEST(Asm, Avx512LoadsEachWeightOnceForATile) {
  // 4 vectors of nibbles serve 8 tokens: 4 loads, not 32.
  EXPECT_EQ(count(innerLoop(assembly("matmat_i8_q4_1", "avx512vnni")), "vmovdqu64"), 4);
}

TEST(Asm, AvxVnniMultipliesBytesByFours) {
  // A group is 8 quads of columns: of 16 rows and one token, of 8 rows and 6 tokens. No sum and no
  // weight leaves the registers.
  for (const char *format : {"q4_0", "q4_1", "q4r", "q8_0", "q8r"}) {
    const std::string matvec = assembly(std::string("matvec_i8_") + format, "avxvnni");
    EXPECT_EQ(count(innerLoop(matvec), "vpdpbusd"), 16) << format;
    EXPECT_EQ(count(innerLoop(matvec), "rsp"), 0) << format;
    const std::string matmat = assembly(std::string("matmat_i8_") + format, "avxvnni");
    EXPECT_EQ(count(innerLoop(matmat), "vpdpbusd"), 48) << format;
    EXPECT_EQ(count(innerLoop(matmat), "rsp"), 0) << format;
    // Steps and zero points that are bytes are converted, sums are not.
    EXPECT_EQ(count(innerLoop(matmat), "vcvtdq2ps"), std::string(format) == "q4r" ? 2 : 0)
        << format;
  }
  // 16 rows and 6 tokens.
  const std::string rows = innerLoop(assembly("matmat_i8t_q8r", "avxvnni"));
  EXPECT_EQ(count(rows, "vpdpbusd"), 96);
  EXPECT_EQ(count(rows, "rsp"), 0);
}

TEST(Asm, AmxMultipliesTiles) {
  // A group: one product of the operands where they lie, and the sums of 16 tokens in registers.
  for (const char *format : {"q4_0", "q4_1", "q4r", "q8_0", "q8r"}) {
    const std::string loop = innerLoop(assembly(std::string("matmat_i8_") + format, "amx"));
    EXPECT_EQ(count(loop, "tdpb[su][su]d"), 1) << format;
    EXPECT_EQ(count(loop, "tileloadd"), 3) << format;
    EXPECT_EQ(count(loop, "tilestored"), 1) << format;
    EXPECT_EQ(count(loop, "vcvtdq2ps"), std::string(format) == "q4r" ? 2 : 0) << format;
    EXPECT_EQ(count(loop, "vpdpbusd"), 0) << format;
    EXPECT_EQ(count(loop, "vmovaps\t%zmm[0-9]+"), 0) << format << ": a sum is stored";
  }
  const std::string rows = assembly("matmat_i8t_q8r", "amx");
  EXPECT_GT(count(rows, "tdpbsud"), 0);
  EXPECT_EQ(count(rows, "vpdpbusd"), 0);
  // Few tokens and one are avx512vnni's.
  for (const std::string name : {"matvec_i8_q4_1", "matmat_i8_q4_1"}) {
    const std::string text =
        assembly(name, "amx", name[3] == 'v' ? "rows=48,cols=96" : "rows=48,cols=96,most=4");
    EXPECT_GT(count(text, "vpdpbusd"), 0) << name;
    EXPECT_EQ(count(text, "tileloadd"), 0) << name;
  }
}

TEST(Asm, Avx2AddsNibblesIn16Bits) {
  // A group of one token is 8 quads of columns of 16 rows, widened once; a turn of matmat is a quad
  // of 6 tokens. Nothing but weights and activations is read in it.
  for (const char *format : {"q4_0", "q4_1", "q4r"}) {
    const std::string matvec = innerLoop(assembly(std::string("matvec_i8_") + format, "avx2"));
    EXPECT_EQ(count(matvec, "vpmaddubsw"), 16) << format;
    EXPECT_EQ(count(matvec, "vpmaddwd"), 2) << format;
    EXPECT_EQ(count(matvec, "rsp"), 0) << format;
    const std::string matmat = loopOf(assembly(std::string("matmat_i8_") + format, "avx2"), 12);
    EXPECT_EQ(count(matmat, "vpaddw"), 12) << format;
    EXPECT_EQ(count(matmat, "vpmaddwd"), 0) << format;
    EXPECT_EQ(count(matmat, "vmovdqa"), 2) << format;
    EXPECT_EQ(count(matmat, "rsp"), 0) << format;
  }
}

TEST(Asm, Avx2MultipliesBytesByTheirSigns) {
  // A turn of matmat is a quad of 4 tokens.
  for (const char *name : {"i8_q8_0", "i8_q8r", "i8t_q8r"}) {
    const std::string loop = loopOf(assembly(std::string("matmat_") + name, "avx2"), 8);
    EXPECT_EQ(count(loop, "vpsignb"), 8) << name;
    EXPECT_EQ(count(loop, "vpmaddwd"), 8) << name;
    EXPECT_EQ(count(loop, "vpaddd"), 8) << name;
    EXPECT_EQ(count(loop, "rsp"), 0) << name;
  }
}

TEST(Asm, Sse41MultipliesNibblesByPairs) {
  for (const char *name : {"matvec_i8_q4_0", "matvec_i8_q4_1", "matmat_i8_q4_1"}) {
    const std::string text = assembly(name, "sse41");
    EXPECT_GT(count(innerLoop(text), "pmaddubsw"), 0) << name;
    EXPECT_EQ(text.find("%ymm"), std::string::npos) << name;
  }
  EXPECT_EQ(count(innerLoop(assembly("matvec_i8_q4_1", "sse41")), "rsp"), 0);
}

TEST(Asm, FloatsAreFusedAsWritten) {
  EXPECT_EQ(count(innerLoop(assembly("matmat_f32_f32", "avx512vnni")), "vfmadd231ps"), 8);
  EXPECT_EQ(count(innerLoop(assembly("matmat_f32_f16", "avx2")), "vfmadd231ps"), 8);
}

// Zen 4 has SSE4a, Intel has not; bf16 is not asked for by the detection.
TEST(Asm, NothingBeyondTheLevel) {
  for (Variant variant : variants())
    for (const char *op : {"matvec", "matmat"}) {
      const std::string name = op + ("_" + variant.name());
      const std::string text = assembly(name, "avx512vnni");
      EXPECT_FALSE(std::regex_search(
          text, std::regex("\t(extrq|insertq|movnts[sd]|v[a-z0-9]*bf16[a-z]*)\t")))
          << name;
      for (const char *level : {"avx2", "avxvnni"})
        EXPECT_EQ(assembly(name, level).find("%zmm"), std::string::npos) << name << " " << level;
    }
}

} // namespace
