//===- KernelText.cpp - Kernels that are written here, not by Halide ------===//
//
// A kernel is its constants, the texts of source/hvx_*.h that it takes, of which
// the last defines `run`, and the function with the arguments of its signature.
//
//===----------------------------------------------------------------------===//

#include "targets/hexagon/KernelText.h"
#include "codegen/kernels/KernelText.h"

using namespace ingot;

namespace {

constexpr char kFloats[] = {
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc23-extensions"
#embed "source/hvx_floats.h"
};
constexpr char kQuantize[] = {
#embed "source/hvx_quantize.h"
};
constexpr char kQuantizeRows[] = {
#embed "source/hvx_quantize_rows.h"
};
constexpr char kSwiGlu[] = {
#embed "source/hvx_swiglu.h"
};
constexpr char kSwiGluRows[] = {
#embed "source/hvx_swiglu_rows.h"
#pragma clang diagnostic pop
};

template <size_t N> std::string textOf(const char (&text)[N]) {
  return std::string(text, N) + "\n";
}

/// The constants and texts of a kernel; empty for one of Halide's.
std::string bodyOf(const KernelSpec &spec) {
  const auto constant = [&](const char *name, const char *param) {
    return "constexpr int " + std::string(name) + " = " + std::to_string(spec.params.at(param)) +
           ";\n";
  };
  if (spec.algorithm == "quantize" || spec.algorithm == "quantize_token")
    return constant("kCols", "cols") +
           "constexpr bool kWholeRow = " + (spec.algorithm == "quantize" ? "false" : "true") +
           "; // one scale for it\n\n" + textOf(kFloats) + textOf(kQuantize) +
           textOf(kQuantizeRows);
  if (spec.algorithm == "swiglu" || spec.algorithm == "swiglu_quantize")
    return constant("kFeatures", "features") + constant("kGroup", "group") + "\n" +
           textOf(kFloats) + textOf(kQuantize) + textOf(kSwiGlu) + textOf(kSwiGluRows);
  return {};
}

/// "run(rows, x, q, scale, sum);"
std::string callOf(const KernelSignature &signature) {
  std::string arguments;
  for (const KernelArg &arg : signature.args)
    arguments += (arguments.empty() ? "" : ", ") + arg.name;
  return "run(" + arguments + ");";
}

} // namespace

std::string ingot::hexagonFloatKernel(const KernelSpec &spec, std::string_view symbol) {
  std::string error;
  const std::optional<KernelSignature> signature = kernelSignature(spec, error);
  const std::string body = signature ? bodyOf(spec) : std::string();
  if (body.empty())
    return {};
  return bannerText(spec) + "#include <hexagon_types.h>\n#include <hvx_hexagon_protos.h>\n" +
         "#include <stdint.h>\n\n" + body + functionText(*signature, symbol, callOf(*signature));
}
