//===- KernelText.cpp - Kernels that are written here, not by Halide ------===//
//
// A kernel is its constants, one text for all of a level (source/) and the
// function with the arguments of its signature.
//
//===----------------------------------------------------------------------===//

#include "targets/arm64/KernelText.h"
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

int64_t paramOf(const KernelSpec &spec, const char *name, int64_t otherwise) {
  const auto found = spec.params.find(name);
  return found == spec.params.end() ? otherwise : found->second;
}

/// As MatMat.h has it.
int64_t tokensOf(const KernelSpec &spec) {
  const int64_t tile = paramOf(spec, "tile", kTile);
  return std::min(tile, paramOf(spec, "most", tile));
}

std::string constant(const char *name, int64_t value, const char *remark) {
  return "constexpr int " + std::string(name) + " = " + std::to_string(value) + "; // " + remark +
         "\n";
}

std::string flag(const char *name, bool value, const char *remark) {
  return "constexpr bool " + std::string(name) + " = " + (value ? "true" : "false") + "; // " +
         remark + "\n";
}

std::string constantsOf(const KernelSpec &spec, const Format &format, int64_t tokens) {
  const GroupLayout &layout = format.layout();
  const int64_t rows = paramOf(spec, "rows", 0), cols = paramOf(spec, "cols", 0);
  const int64_t rowScale = layout.rowScale ? cols / format.group() * layout.groupBytes : -1;
  const bool wholeRow = productActivation(spec.algorithm) == Activation::I8T;
  return "namespace {\n\n// The matrix, and the tile that is computed at a time.\n" +
         constant("kRows", (rows + kRowBlock - 1) / kRowBlock * kRowBlock, "of y, in memory") +
         constant("kCols", cols, "of the matrix") + constant("kTokens", tokens, "of a tile") +
         flag("kWholeRow", wholeRow, "one scale a token, and sums over whole rows") +
         flag("kAdd", paramOf(spec, "add", 0) != 0, "to what y holds") +
         "\n// The format. Places are bytes from the beginning of a group; -1: there is none.\n" +
         constant("kBits", layout.valueBits, "of a weight") +
         constant("kZeroPoint", layout.zeroPoint, "of all weights") +
         constant("kGroupBytes", layout.groupBytes, "of 16 rows x 32 columns") +
         constant("kBlockBytes", int64_t(format.packedBlockBytes(cols)), "of 16 rows") +
         constant("kScaleAt", layout.scaleOffset, "16 scales") +
         constant("kMinimumAt", layout.minimumOffset, "16 minima") +
         constant("kZeroAt", layout.zeroOffset, "16 zero points, in sixteenths of a step") +
         constant("kRowScaleAt", rowScale, "16 floats, from the beginning of a row block") +
         flag("kByteScales", layout.rowScale, "scales and zero points; else 16-bit floats") +
         "\n} // namespace\n\n";
}

/// "[rows][576]": as C writes them, outermost first.
std::string shapeOf(const KernelArg &arg) {
  std::string shape;
  for (const int64_t extent : arg.extents) {
    std::string one = extent == KernelArg::kDynamic ? "rows" : std::to_string(extent);
    shape.insert(0, "[" + std::move(one) + "]");
  }
  return shape;
}

std::string functionOf(const KernelSignature &signature, std::string_view symbol) {
  static constexpr const char *kTypes[] = {"int8_t", "uint8_t", "int32_t", "float16_t", "float"};
  std::string text =
      "// Row blocks from `begin` to `end` of `rows` tokens. Weights are [row block][group][vector]"
      "[row][column],\n// row blocks and groups kBlockBytes and kGroupBytes apart.\nextern \"C\" "
      "int " +
      std::string(symbol) + "(\n";
  for (const KernelArg &arg : signature.args) {
    const bool last = &arg == &signature.args.back();
    const bool scalar = arg.kind == KernelArg::Kind::Scalar;
    // The views of the weights lie at constant places of one buffer.
    const bool view = arg.name.starts_with("weights_");
    text += std::string("    ") + (view ? "[[maybe_unused]] " : "") +
            (scalar ? "int32_t " : "const ingot_buffer *") + arg.name + (last ? ")" : ",") +
            (scalar ? "" : std::string(" // ") + kTypes[int(arg.type)] + shapeOf(arg)) + "\n";
  }
  return text + "{\n"
                "  product(begin, end, rows, reinterpret_cast<const int8_t *>(q->host),\n"
                "          reinterpret_cast<const float *>(scale->host),\n"
                "          reinterpret_cast<const float *>(sum->host), weights->host,\n"
                "          reinterpret_cast<float *>(y->host));\n"
                "  return 0;\n"
                "}\n";
}

/// The format of a matmat of bytes; null for every other kernel.
const Format *formatOf(const KernelSpec &spec) {
  const Format *format =
      spec.algorithm.starts_with("matmat_") ? productFormat(spec.algorithm) : nullptr;
  return format && format->quantized() ? format : nullptr;
}

/// Few tokens do not pay for unpacking weights beforehand, and whole rows have no floats to save.
bool isOfGroups(const KernelSpec &spec) {
  return productActivation(spec.algorithm) == Activation::I8 && tokensOf(spec) >= kTile;
}

/// The source of a kernel of groups, by an instruction that sums that many tokens in a vector.
std::string ofGroups(int64_t sumTokens, std::string_view instruction) {
  return "namespace {\n\n" + constant("kSumTokens", sumTokens, "of a vector of sums") +
         "\n} // namespace\n\n" + std::string(kGroupsProduct, sizeof(kGroupsProduct)) + "\n" +
         std::string(instruction);
}

std::string textOf(const KernelSpec &spec, const Format &format, int64_t tokens,
                   const std::string &source, std::string_view symbol) {
  std::string error;
  const std::optional<KernelSignature> signature = kernelSignature(spec, error);
  if (!signature)
    return {};
  std::string text = "// Written by a compiler; edits are lost. " + spec.algorithm + ":";
  for (const auto &[name, value] : spec.params)
    text += " " + name + " " + std::to_string(value);
  return text + "\n\n#include <arm_neon.h>\n\n" + constantsOf(spec, format, tokens) + source +
         "\n" + functionOf(*signature, symbol);
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
  return textOf(spec, *format, kTile,
                ofGroups(/*sumTokens=*/1, {kDotGroups, sizeof(kDotGroups)}), symbol);
}
