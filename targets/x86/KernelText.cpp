//===- KernelText.cpp - Kernels that are written here, not by Halide ------===//
//
// A kernel is its constants, a text for all of them (source/*.h) and the
// function (codegen/kernels/KernelText.h).
//
//===----------------------------------------------------------------------===//

#include "targets/x86/KernelText.h"
#include "codegen/kernels/KernelText.h"

#include <algorithm>

using namespace ingot;

namespace {

constexpr char kCommon[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "source/product_common.h"
};
constexpr char kFloatSums[] = {
#embed "source/float_sums.h"
};
constexpr char kEightRows[] = {
#embed "source/eight_rows.h"
};
constexpr char kAvx2Product[] = {
#embed "source/avx2_product.h"
};
constexpr char kAvxVnniProduct[] = {
#embed "source/avxvnni_product.h"
};
constexpr char kAmxProduct[] = {
#embed "source/amx_product.h"
#pragma clang diagnostic pop
};

/// Tokens of a tile, without a parameter: NOTES.md derives them.
constexpr int64_t kAvxVnniTile = 6, kNibblesTile = 6, kBytesTile = 4;
/// The rows of a tile register, and so few tokens that tiles are not worth their loads and stores.
constexpr int64_t kAmxTile = 16, kAmxFew = 8;

constexpr char kRemark[] =
    "// Row blocks from `begin` to `end`. Weights are [row block][group][vector][row][column],\n"
    "// row blocks and groups kBlockBytes and kGroupBytes apart.\n";
constexpr char kArguments[] = ",\n"
                              "          {reinterpret_cast<const int8_t *>(q->host),\n"
                              "           reinterpret_cast<const float *>(scale->host),\n"
                              "           reinterpret_cast<const float *>(sum->host)},\n"
                              "          weights->host, reinterpret_cast<float *>(y->host));";

template <size_t Bytes> std::string_view textOf(const char (&embedded)[Bytes]) {
  return {embedded, Bytes};
}

std::string kernelOf(const KernelSpec &spec, std::string_view symbol, const Format &format,
                     int64_t tokens, std::initializer_list<std::string_view> sources) {
  std::string error;
  const std::optional<KernelSignature> signature = kernelSignature(spec, error);
  if (!signature)
    return {};
  const bool oneToken = spec.algorithm.starts_with("matvec_");
  std::string text = bannerText(spec) + productConstants(spec, format, tokens);
  for (const std::string_view source : sources)
    text += std::string(source) + "\n";
  return text + kRemark +
         functionText(*signature, symbol,
                      "product(begin, end, " + std::string(oneToken ? "1" : "rows") + kArguments);
}

/// Tokens of a tile: as MatMat.h has it.
int64_t tileOf(const KernelSpec &spec, int64_t usual) {
  if (spec.algorithm.starts_with("matvec_"))
    return 1;
  const int64_t tile = paramOf(spec, "tile", usual);
  return std::min(tile, paramOf(spec, "most", tile));
}

} // namespace

std::string ingot::x86Avx2Kernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = byteProductFormat(spec);
  if (!format)
    return {};
  const int64_t usual = format->layout().valueBits == 4 ? kNibblesTile : kBytesTile;
  return kernelOf(spec, symbol, *format, tileOf(spec, usual),
                  {textOf(kCommon), textOf(kEightRows), textOf(kAvx2Product)});
}

std::string ingot::x86AvxVnniKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = byteProductFormat(spec);
  if (!format)
    return {};
  return kernelOf(
      spec, symbol, *format, tileOf(spec, kAvxVnniTile),
      {textOf(kCommon), textOf(kFloatSums), textOf(kEightRows), textOf(kAvxVnniProduct)});
}

std::string ingot::x86AmxKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = spec.algorithm.starts_with("matmat_") ? byteProductFormat(spec) : nullptr;
  const int64_t tokens = std::min(paramOf(spec, "tile", kAmxTile), paramOf(spec, "most", kAmxTile));
  if (!format || tokens <= kAmxFew)
    return {};
  return kernelOf(spec, symbol, *format, kAmxTile,
                  {textOf(kCommon), textOf(kFloatSums), textOf(kAmxProduct)});
}
