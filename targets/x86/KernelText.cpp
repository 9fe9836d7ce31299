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
constexpr char kAvxVnniProduct[] = {
#embed "source/avxvnni_product.h"
};
constexpr char kAmxProduct[] = {
#embed "source/amx_product.h"
#pragma clang diagnostic pop
};

/// Tokens of a tile, without a parameter: NOTES.md derives it.
constexpr int64_t kAvxVnniTile = 6;
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

std::string kernelOf(const KernelSpec &spec, std::string_view symbol, const Format &format,
                     int64_t tokens, std::string_view product) {
  std::string error;
  const std::optional<KernelSignature> signature = kernelSignature(spec, error);
  if (!signature)
    return {};
  const bool oneToken = spec.algorithm.starts_with("matvec_");
  return bannerText(spec) + "#include <immintrin.h>\n#include <stdint.h>\n\n" +
         productConstants(spec, format, tokens) + std::string(kCommon, sizeof(kCommon)) + "\n" +
         std::string(product) + "\n" + kRemark +
         functionText(*signature, symbol,
                      "product(begin, end, " + std::string(oneToken ? "1" : "rows") + kArguments);
}

} // namespace

std::string ingot::x86AvxVnniKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = byteProductFormat(spec);
  if (!format)
    return {};
  // As MatMat.h has it.
  const int64_t tile = paramOf(spec, "tile", kAvxVnniTile);
  const int64_t tokens =
      spec.algorithm.starts_with("matvec_") ? 1 : std::min(tile, paramOf(spec, "most", tile));
  return kernelOf(spec, symbol, *format, tokens, {kAvxVnniProduct, sizeof(kAvxVnniProduct)});
}

std::string ingot::x86AmxKernel(const KernelSpec &spec, std::string_view symbol) {
  const Format *format = spec.algorithm.starts_with("matmat_") ? byteProductFormat(spec) : nullptr;
  const int64_t tokens = std::min(paramOf(spec, "tile", kAmxTile), paramOf(spec, "most", kAmxTile));
  if (!format || tokens <= kAmxFew)
    return {};
  return kernelOf(spec, symbol, *format, kAmxTile, {kAmxProduct, sizeof(kAmxProduct)});
}
