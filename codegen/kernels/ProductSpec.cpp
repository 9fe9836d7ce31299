//===- ProductSpec.cpp - Arguments of packed weights and activations ------===//

#include "codegen/kernels/ProductSpec.h"
#include "codegen/kernels/Registry.h"

using namespace ingot;

const Format *ingot::productFormat(std::string_view algorithm) {
  // "matvec_i8_q4_1": the format follows the second underscore.
  const size_t activation = algorithm.find('_');
  const size_t name = algorithm.find('_', activation + 1);
  return name == std::string_view::npos ? nullptr : findFormat(algorithm.substr(name + 1));
}

std::vector<KernelArg> ingot::productArgs(const Format &format, int64_t rows, int64_t cols,
                                          int64_t tokens) {
  const GroupLayout &layout = format.layout();
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  if (!format.quantized())
    return {inputArg("x", KernelType::F32, {cols, tokens}),
            inputArg("weights", layout.valueBits == 16 ? KernelType::F16 : KernelType::F32,
                     {kRowBlock, cols, blocks})};

  const int64_t groups = cols / format.group();
  const int64_t vectors = format.group() * layout.valueBits / 32;
  std::vector<KernelArg> args = {
      inputArg("q", KernelType::I8, {cols, tokens}),
      inputArg("scale", KernelType::F32, {groups, tokens}),
      inputArg("sum", KernelType::F32, {groups, tokens}),
      inputArg("weights", KernelType::U8, {4, kRowBlock, vectors, groups, blocks}),
      inputArg("weights_scale", KernelType::F16, {kRowBlock, groups, blocks}, layout.scaleOffset),
  };
  if (layout.minimumOffset >= 0)
    args.push_back(inputArg("weights_minimum", KernelType::F16, {kRowBlock, groups, blocks},
                            layout.minimumOffset));
  return args;
}

namespace {

/// Reads rows, cols and add; false after a complaint.
struct MatrixParams {
  const Format *format;
  int64_t rows = 0, cols = 0;

  bool read(const KernelSpec &spec, ParamReader &params, std::string &error) {
    format = productFormat(spec.algorithm);
    rows = params.required("rows", 1, kMaxDimension);
    cols = params.required("cols", 1, kMaxDimension, format->group());
    params.optional("add", 0, 0, 1);
    if (!params.finish())
      return false;
    const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
    const int64_t bytes = blocks * int64_t(format->packedBlockBytes(cols));
    if (bytes > INT32_MAX) {
      error = "'" + spec.algorithm + "': the matrix takes " + std::to_string(bytes) +
              " bytes, expected at most 2147483647";
      return false;
    }
    return true;
  }

  int64_t paddedRows() const { return (rows + kRowBlock - 1) / kRowBlock * kRowBlock; }
};

} // namespace

std::optional<KernelSignature> ingot::signatureOfMatVec(const KernelSpec &spec,
                                                        std::string &error) {
  ParamReader params(spec, error);
  MatrixParams matrix;
  if (!matrix.read(spec, params, error))
    return std::nullopt;
  KernelSignature signature{{scalarArg("begin"), scalarArg("end")}};
  for (KernelArg &arg : productArgs(*matrix.format, matrix.rows, matrix.cols, /*tokens=*/1))
    signature.args.push_back(std::move(arg));
  signature.args.push_back(outputArg("y", KernelType::F32, {matrix.paddedRows()}));
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfMatMat(const KernelSpec &spec,
                                                        std::string &error) {
  ParamReader params(spec, error);
  params.optional("tile", 1, 1, 16);
  MatrixParams matrix;
  if (!matrix.read(spec, params, error))
    return std::nullopt;
  KernelSignature signature{{scalarArg("begin"), scalarArg("end"), scalarArg("rows")}};
  for (KernelArg &arg : productArgs(*matrix.format, matrix.rows, matrix.cols, KernelArg::kDynamic))
    signature.args.push_back(std::move(arg));
  signature.args.push_back(
      outputArg("y", KernelType::F32, {matrix.paddedRows(), KernelArg::kDynamic}));
  return signature;
}
