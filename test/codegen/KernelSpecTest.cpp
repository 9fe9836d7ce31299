//===- KernelSpecTest.cpp - Symbols, signatures and their complaints ------===//

#include "codegen/Kernel.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace ingot;

namespace {

std::string complaint(const KernelSpec &spec) {
  std::string error;
  EXPECT_FALSE(kernelSignature(spec, error).has_value());
  return error;
}

TEST(KernelSpec, Symbols) {
  EXPECT_EQ(kernelSymbol({"matvec_i8_q4_1", {{"rows", 1536}, {"cols", 576}}}, "avx512vnni"),
            "ingot_k_matvec_i8_q4_1_1536x576_avx512vnni");
  EXPECT_EQ(kernelSymbol({"matvec_f32_f32", {{"rows", 3}, {"cols", 5}, {"add", 1}}}, "avx2"),
            "ingot_k_matvec_f32_f32_3x5_add1_avx2");
  EXPECT_EQ(kernelSymbol({"something", {{"cols", 5}}}, "base"), "ingot_k_something_cols5_base");
}

TEST(KernelSpec, AlgorithmsAreSortedAndKnown) {
  const std::vector<std::string> names = kernelAlgorithms();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_NE(std::find(names.begin(), names.end(), "matmat_i8_q8_0"), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(KernelSpec, MatVecSignature) {
  std::string error;
  const auto signature = kernelSignature({"matvec_i8_q4_1", {{"rows", 40}, {"cols", 64}}}, error);
  ASSERT_TRUE(signature.has_value()) << error;
  std::vector<std::string> names;
  for (const KernelArg &arg : signature->args)
    names.push_back(arg.name);
  EXPECT_EQ(names, (std::vector<std::string>{"begin", "end", "q", "scale", "sum", "weights",
                                             "weights_scale", "weights_minimum", "y"}));
  EXPECT_EQ(signature->args[2].type, KernelType::I8);
  EXPECT_EQ(signature->args[2].extents, (std::vector<int64_t>{64, 1}));
  EXPECT_EQ(signature->args[3].extents, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(signature->args[6].byteOffset, 256);
  EXPECT_EQ(signature->args[7].byteOffset, 288);
  EXPECT_EQ(signature->args[8].kind, KernelArg::Kind::Output);
  EXPECT_EQ(signature->args[8].extents, (std::vector<int64_t>{48}));
}

TEST(KernelSpec, MatMatSignature) {
  std::string error;
  const auto signature =
      kernelSignature({"matmat_f32_f16", {{"rows", 5}, {"cols", 7}, {"tile", 3}}}, error);
  ASSERT_TRUE(signature.has_value()) << error;
  ASSERT_EQ(signature->args.size(), 6u);
  EXPECT_EQ(signature->args[2].name, "rows");
  EXPECT_EQ(signature->args[3].extents, (std::vector<int64_t>{7, KernelArg::kDynamic}));
  EXPECT_EQ(signature->args[4].type, KernelType::F16);
  EXPECT_EQ(signature->args[5].extents, (std::vector<int64_t>{16, KernelArg::kDynamic}));
}

TEST(KernelSpec, Complaints) {
  EXPECT_EQ(complaint({"matvec_i8_q4_2", {}}), "unknown algorithm 'matvec_i8_q4_2'");
  EXPECT_EQ(complaint({"matvec_i8_q4_1", {{"rows", 4}}}),
            "'matvec_i8_q4_1': parameter 'cols' is missing");
  EXPECT_EQ(complaint({"matvec_i8_q4_1", {{"rows", 4}, {"cols", 33}}}),
            "'matvec_i8_q4_1': parameter 'cols' is 33, expected a multiple of 32");
  EXPECT_EQ(complaint({"matvec_f32_f32", {{"rows", 0}, {"cols", 33}}}),
            "'matvec_f32_f32': parameter 'rows' is 0, expected 1 to 16777216");
  EXPECT_EQ(complaint({"matvec_f32_f32", {{"rows", 1}, {"cols", 1}, {"tile", 2}}}),
            "'matvec_f32_f32': unknown parameter 'tile'");
  EXPECT_EQ(complaint({"matmat_f32_f32", {{"rows", 1}, {"cols", 1}, {"add", 2}}}),
            "'matmat_f32_f32': parameter 'add' is 2, expected 0 to 1");
  EXPECT_EQ(complaint({"matmat_f32_f32", {{"rows", 1 << 20}, {"cols", 1 << 20}}}),
            "'matmat_f32_f32': the matrix takes 4398046511104 bytes, expected at most 2147483647");
}

} // namespace
