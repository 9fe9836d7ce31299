//===- KernelText.cpp - Kernels that are written here, not by Halide ------===//
//
// A kernel is its constants, one text for all of a level (source/) and the
// function with the arguments of its signature.
//
//===----------------------------------------------------------------------===//

#include "targets/arm64/KernelText.h"
#include "codegen/kernels/KernelText.h"
#include "codegen/kernels/ProductSpec.h"

#include <algorithm>

using namespace ingot;

namespace {

constexpr char kOperands[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "source/i8mm_operands.h"
};
constexpr char kProduct[] = {
#embed "source/i8mm_product.h"
};
constexpr char kGroupsProduct[] = {
#embed "source/groups_product.h"
};
constexpr char kDotGroups[] = {
#embed "source/dotprod_groups.h"
};
constexpr char kMatrixGroups[] = {
#embed "source/i8mm_groups.h"
#pragma clang diagnostic pop
};

/// Tokens of a tile, without a parameter: NOTES.md derives it.
constexpr int64_t kTile = 8;

/// As MatMat.h has it.
int64_t tokensOf(const KernelSpec &spec) {
  const int64_t tile = paramOf(spec, "tile", kTile);
  return std::min(tile, paramOf(spec, "most", tile));
}

constexpr char kRemark[] =
    "// Row blocks from `begin` to `end` of `rows` tokens. Weights are [row block][group][vector]"
    "[row][column],\n// row blocks and groups kBlockBytes and kGroupBytes apart.\n";
constexpr char kCall[] = "product(begin, end, rows, reinterpret_cast<const int8_t *>(q->host),\n"
                         "          reinterpret_cast<const float *>(scale->host),\n"
                         "          reinterpret_cast<const float *>(sum->host), weights->host,\n"
                         "          reinterpret_cast<float *>(y->host));";

/// The format of a matmat of bytes; null for every other kernel.
const Format *formatOf(const KernelSpec &spec) {
  return spec.algorithm.starts_with("matmat_") ? byteProductFormat(spec) : nullptr;
}

/// Few tokens do not pay for unpacking weights beforehand, and whole rows have no floats to save.
bool isOfGroups(const KernelSpec &spec) {
  return productActivation(spec.algorithm) == Activation::I8 && tokensOf(spec) >= kTile;
}

/// The source of a kernel of groups, by an instruction that sums that many tokens in a vector.
std::string ofGroups(int64_t sumTokens, std::string_view instruction) {
  return "namespace {\n\n" + constantText("kSumTokens", sumTokens, "of a vector of sums") +
         "\n} // namespace\n\n" + std::string(kGroupsProduct, sizeof(kGroupsProduct)) + "\n" +
         std::string(instruction);
}

std::string textOf(const KernelSpec &spec, const Format &format, int64_t tokens,
                   const std::string &source, std::string_view symbol) {
  std::string error;
  const std::optional<KernelSignature> signature = kernelSignature(spec, error);
  if (!signature)
    return {};
  return bannerText(spec) + "#include <arm_neon.h>\n\n" + productConstants(spec, format, tokens) +
         source + "\n" + kRemark + functionText(*signature, symbol, kCall);
}

} // namespace

std::string ingot::arm64MatrixKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = formatOf(spec);
  if (!format)
    return {};
  if (isOfGroups(spec))
    return textOf(spec, *format, kTile,
                  ofGroups(/*sumTokens=*/2, {kMatrixGroups, sizeof(kMatrixGroups)}), symbol);
  // Two tokens are the least that the instruction takes.
  return textOf(spec, *format, (tokensOf(spec) + 1) / 2 * 2,
                std::string(kOperands, sizeof(kOperands)) + "\n" +
                    std::string(kProduct, sizeof(kProduct)),
                symbol);
}

std::string ingot::arm64DotKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = formatOf(spec);
  if (!format || !isOfGroups(spec)) // Halide's
    return {};
  return textOf(spec, *format, kTile, ofGroups(/*sumTokens=*/1, {kDotGroups, sizeof(kDotGroups)}),
                symbol);
}
