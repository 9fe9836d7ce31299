//===- KernelText.cpp - What the C++ of a hand-written kernel has around it ===//

#include "codegen/kernels/KernelText.h"
#include "codegen/kernels/ProductSpec.h"

using namespace ingot;

int64_t ingot::paramOf(const KernelSpec &spec, const char *name, int64_t otherwise) {
  const auto found = spec.params.find(name);
  return found == spec.params.end() ? otherwise : found->second;
}

std::string ingot::constantText(const char *name, int64_t value, const char *remark) {
  return "constexpr int " + std::string(name) + " = " + std::to_string(value) + "; // " + remark +
         "\n";
}

std::string ingot::flagText(const char *name, bool value, const char *remark) {
  return "constexpr bool " + std::string(name) + " = " + (value ? "true" : "false") + "; // " +
         remark + "\n";
}

std::string ingot::bannerText(const KernelSpec &spec) {
  std::string text = "// Written by a compiler; edits are lost. " + spec.algorithm + ":";
  for (const auto &[name, value] : spec.params)
    text += " " + name + " " + std::to_string(value);
  return text + "\n\n";
}

const Format *ingot::byteProductFormat(const KernelSpec &spec) {
  const bool product =
      spec.algorithm.starts_with("matmat_") || spec.algorithm.starts_with("matvec_");
  const Format *format = product ? productFormat(spec.algorithm) : nullptr;
  return format && format->quantized() ? format : nullptr;
}

std::string ingot::productConstants(const KernelSpec &spec, const Format &format, int64_t tokens) {
  const GroupLayout &layout = format.layout();
  const int64_t rows = paramOf(spec, "rows", 0), cols = paramOf(spec, "cols", 0);
  const int64_t rowScale = layout.rowScale ? cols / format.group() * layout.groupBytes : -1;
  const bool wholeRow = productActivation(spec.algorithm) == Activation::I8T;
  return "namespace {\n\n// The matrix, and the tile that is computed at a time.\n" +
         constantText("kRows", (rows + kRowBlock - 1) / kRowBlock * kRowBlock, "of y, in memory") +
         constantText("kCols", cols, "of the matrix") +
         constantText("kTokens", tokens, "of a tile") +
         flagText("kWholeRow", wholeRow, "one scale a token, and sums over whole rows") +
         flagText("kAdd", paramOf(spec, "add", 0) != 0, "to what y holds") +
         "\n// The format. Places are bytes from the beginning of a group; -1: there is none.\n" +
         constantText("kBits", layout.valueBits, "of a weight") +
         constantText("kZeroPoint", layout.zeroPoint, "of all weights") +
         constantText("kGroupBytes", layout.groupBytes, "of 16 rows x 32 columns") +
         constantText("kBlockBytes", int64_t(format.packedBlockBytes(cols)), "of 16 rows") +
         constantText("kScaleAt", layout.scaleOffset, "16 scales") +
         constantText("kMinimumAt", layout.minimumOffset, "16 minima") +
         constantText("kZeroAt", layout.zeroOffset, "16 zero points, in sixteenths of a step") +
         constantText("kRowScaleAt", rowScale, "16 floats, from the beginning of a row block") +
         flagText("kByteScales", layout.rowScale, "scales and zero points; else 16-bit floats") +
         "\n} // namespace\n\n";
}

/// "[rows][576]": as C writes them, outermost first.
static std::string shapeOf(const KernelArg &arg) {
  std::string shape;
  for (const int64_t extent : arg.extents) {
    std::string one = extent == KernelArg::kDynamic ? "rows" : std::to_string(extent);
    shape.insert(0, "[" + std::move(one) + "]");
  }
  return shape;
}

std::string ingot::functionText(const KernelSignature &signature, std::string_view symbol,
                                const std::string &body) {
  static constexpr const char *kTypes[] = {"int8_t", "uint8_t", "int32_t", "_Float16", "float"};
  std::string text = "extern \"C\" int " + std::string(symbol) + "(\n";
  for (const KernelArg &arg : signature.args) {
    const bool last = &arg == &signature.args.back();
    const bool scalar = arg.kind == KernelArg::Kind::Scalar;
    // The views of the weights lie at constant places of one buffer.
    const bool view = arg.name.starts_with("weights_");
    text += std::string("    ") + (view ? "[[maybe_unused]] " : "") +
            (scalar ? "int32_t " : "const ingot_buffer *") + arg.name + (last ? ")" : ",") +
            (scalar ? "" : std::string(" // ") + kTypes[int(arg.type)] + shapeOf(arg)) + "\n";
  }
  return text + "{\n  " + body + "\n  return 0;\n}\n";
}
