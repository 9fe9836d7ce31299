//===- ActivationSpec.cpp - Arguments of norm, quantize and swiglu --------===//

#include "codegen/kernels/ProductSpec.h"
#include "codegen/kernels/Registry.h"

using namespace ingot;

static constexpr int64_t kDynamic = KernelArg::kDynamic;

/// Every offset into `rows` of this many floats must fit in 32 bits for at
/// least 4,096 rows.
static constexpr int64_t kMaxColumns = 1 << 19;

/// q, scale and sum of QuantizedRows.h.
static void addQuantized(KernelSignature &signature, int64_t cols, int64_t group = 32) {
  signature.args.push_back(outputArg("q", KernelType::I8, {cols, kDynamic}));
  signature.args.push_back(outputArg("scale", KernelType::F32, {cols / group, kDynamic}));
  signature.args.push_back(outputArg("sum", KernelType::F32, {cols / group, kDynamic}));
}

std::optional<KernelSignature> ingot::signatureOfQuantize(const KernelSpec &spec,
                                                          std::string &error) {
  ParamReader params(spec, error);
  const int64_t cols = params.required("cols", 32, kMaxColumns, 32);
  if (!params.finish())
    return std::nullopt;
  KernelSignature signature{
      {scalarArg("begin"), scalarArg("end"), inputArg("x", KernelType::F32, {cols, kDynamic})}};
  addQuantized(signature, cols);
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfQuantizeToken(const KernelSpec &spec,
                                                               std::string &error) {
  ParamReader params(spec, error);
  // Sums of 127 a column stay exact in a float.
  const int64_t cols = params.required("cols", 32, kMaxTokenColumns, 32);
  if (!params.finish())
    return std::nullopt;
  KernelSignature signature{
      {scalarArg("begin"), scalarArg("end"), inputArg("x", KernelType::F32, {cols, kDynamic})}};
  addQuantized(signature, cols, /*group=*/cols);
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfRmsNorm(const KernelSpec &spec,
                                                         std::string &error) {
  ParamReader params(spec, error);
  const bool quantizes = spec.algorithm == "rms_norm_quantize";
  const int64_t multiple = quantizes ? 32 : 1;
  const int64_t cols = params.required("cols", multiple, kMaxColumns, multiple);
  // Bits of a float that is neither negative, infinite nor a NaN.
  params.required("eps_bits", 0, 0x7f7fffff);
  if (!params.finish())
    return std::nullopt;
  KernelSignature signature{{scalarArg("begin"), scalarArg("end"),
                             inputArg("x", KernelType::F32, {cols, kDynamic}),
                             inputArg("weight", KernelType::F32, {cols})}};
  if (quantizes)
    addQuantized(signature, cols);
  else
    signature.args.push_back(outputArg("y", KernelType::F32, {cols, kDynamic}));
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfSwiGlu(const KernelSpec &spec,
                                                        std::string &error) {
  ParamReader params(spec, error);
  const bool quantizes = spec.algorithm == "swiglu_quantize";
  const int64_t group =
      quantizes ? params.required("group", 32, 32) : params.required("group", 16, 32, 16);
  const int64_t multiple = quantizes ? group : 1;
  const int64_t features = params.required("features", multiple, kMaxColumns, multiple);
  if (!params.finish())
    return std::nullopt;
  const int64_t width = (features + group - 1) / group * group * 2;
  KernelSignature signature{{scalarArg("rows"), scalarArg("begin"), scalarArg("end"),
                             inputArg("gu", KernelType::F32, {width, kDynamic}),
                             outputArg("y", KernelType::F32, {features, kDynamic})}};
  if (quantizes)
    addQuantized(signature, features);
  return signature;
}
