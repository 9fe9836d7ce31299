//===- ToolTest.cpp - ingot-kernel's answers and its bytes ----------------===//

#include "test/kernels/Tool.h"
#include "codegen/Kernel.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;

namespace {

const std::string kGood = "--algorithm matvec_i8_q4_1 --params rows=48,cols=64 --target x86-64 "
                          "--level avx2 ";

void expect(const std::string &arguments, int status, const std::string &text) {
  const Outcome outcome = runTool(arguments);
  EXPECT_EQ(outcome.status, status) << arguments;
  EXPECT_NE(outcome.text.find(text), std::string::npos)
      << arguments << "\nfound: " << outcome.text << "expected: " << text;
}

TEST(Tool, Complains) {
  expect("--algorithm nothing -o /dev/null", 2, "error: unknown algorithm 'nothing'");
  expect("--algorithm matvec_i8_q4_1 --params rows=4 -o /dev/null", 2,
         "parameter 'cols' is missing");
  expect("--algorithm matvec_i8_q4_1 --params rows=4,cols=x -o /dev/null", 2,
         "'cols=x' in --params, expected 'name=integer'");
  expect("--algorithm matvec_i8_q4_1 --params =4 -o /dev/null", 2, "'=4' in --params");
  expect("--algorithm matvec_i8_q4_1 --params rows -o /dev/null", 2, "'rows' in --params");
  expect("--algorithm matvec_i8_q4_1 --params rows=1,rows=1 -o /dev/null", 2,
         "'rows' is given twice");
  expect(kGood, 2, "expected --algorithm and -o");
  expect(kGood + "--emit elf -o /dev/null", 2,
         "--emit is 'elf', expected 'obj', 'asm', 'stmt' or 'cpp'");
  expect(kGood + "--nonsense", 2, "--nonsense");
  expect("--algorithm matvec_i8_q4_1 --params rows=48,cols=64 --target vax -o /dev/null", 2,
         "unknown target 'vax'");
  expect("--algorithm matvec_i8_q4_1 --params rows=48,cols=64 --target x86-64 --level avx9 -o x", 5,
         "target 'x86-64' has no level 'avx9'");
}

TEST(Tool, ListsTheAlgorithms) {
  std::string expected;
  for (const std::string &name : kernelAlgorithms())
    expected += name + "\n";
  const Outcome outcome = runTool("--list");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.text, expected);
}

void expectSameBytes(const std::string &kernel, const char *emit) {
  TemporaryFolder one, two;
  const std::string options = kernel + "--emit " + emit + " -o ";
  ASSERT_EQ(runTool(options + one.path + "/k").status, 0);
  ASSERT_EQ(run("cd " + two.path + " && " + INGOT_KERNEL_TOOL + " " + options + "other").status, 0);
  const std::string first = readFile(one.path + "/k"), second = readFile(two.path + "/other");
  EXPECT_GT(first.size(), 100u);
  EXPECT_EQ(first, second) << kernel << emit;
}

TEST(Tool, SameInputSameBytes) {
  const std::string scheduled =
      "--algorithm matvec_f32_f16 --params rows=48,cols=64 --target x86-64 --level avx2 ";
  for (const char *emit : {"obj", "asm", "stmt"})
    expectSameBytes(scheduled, emit);
  for (const char *emit : {"obj", "asm", "cpp"}) // written as C++
    expectSameBytes(kGood, emit);
}

TEST(Tool, LeavesNothingBesideTheOutput) {
  TemporaryFolder folder;
  ASSERT_EQ(runTool(kGood + "-o " + folder.path + "/k.o").status, 0);
  int files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(folder.path))
    files += entry.path().filename() == "k.o" ? 1 : 100;
  EXPECT_EQ(files, 1);
  EXPECT_EQ(runTool(kGood + "-o " + folder.path + "/missing/k.o").status, 1);
}

TEST(Tool, ObjectsDefineOneSymbolAndNeedNone) {
  TemporaryFolder folder;
  const std::string object = folder.path + "/k.o";
  for (const std::string level : {"x86-64 --level avx2", "x86-64 --level avx512vnni", "generic"})
    for (const char *algorithm : {"matvec_f32_f16", "matmat_i8_q8_0", "matmat_i8_q4_1"}) {
      const std::string command = std::string("--algorithm ") + algorithm +
                                  " --params rows=48,cols=64 --symbol k --target " + level +
                                  " -o " + object;
      ASSERT_EQ(runTool(command).status, 0);
      const Outcome defined = run(std::string(INGOT_NM) + " -g --defined-only -j " + object);
      EXPECT_EQ(defined.text, "k\n") << command;
      const Outcome undefined = run(std::string(INGOT_NM) + " -u " + object);
      EXPECT_EQ(undefined.text, "") << command;
    }
}

} // namespace
