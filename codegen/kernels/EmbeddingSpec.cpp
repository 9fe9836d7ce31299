//===- EmbeddingSpec.cpp - Arguments of the embedding kernel --------------===//

#include "codegen/kernels/ProductSpec.h"
#include "codegen/kernels/Registry.h"

using namespace ingot;

std::optional<KernelSignature> ingot::signatureOfEmbedding(const KernelSpec &spec,
                                                           std::string &error) {
  const Format &format = *findFormat(spec.algorithm.substr(spec.algorithm.find('_') + 1));
  ParamReader params(spec, error);
  const int64_t rows = params.required("rows", 1, kMaxDimension);
  const int64_t cols = params.required("cols", 1, kMaxDimension, format.group());
  if (!params.finish())
    return std::nullopt;
  const int64_t bytes = (rows + kRowBlock - 1) / kRowBlock * int64_t(format.packedBlockBytes(cols));
  if (bytes > INT32_MAX) {
    error = "'" + spec.algorithm + "': the matrix takes " + std::to_string(bytes) +
            " bytes, expected at most 2147483647";
    return std::nullopt;
  }
  KernelSignature signature{{scalarArg("begin"), scalarArg("end"),
                             inputArg("tokens", KernelType::I32, {KernelArg::kDynamic})}};
  for (KernelArg &arg : productArgs(format, Activation::I8, rows, cols, KernelArg::kDynamic))
    if (arg.name.starts_with("weights"))
      signature.args.push_back(std::move(arg));
  signature.args.push_back(outputArg("h", KernelType::F32, {cols, KernelArg::kDynamic}));
  return signature;
}
