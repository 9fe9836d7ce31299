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

Activation ingot::productActivation(std::string_view algorithm) {
  const size_t begin = algorithm.find('_') + 1;
  const std::string_view name = algorithm.substr(begin, algorithm.find('_', begin) - begin);
  return name == "i8t" ? Activation::I8T : name == "i8" ? Activation::I8 : Activation::F32;
}

/// The views of a quantised matrix, from the beginning of a row block.
static std::vector<KernelArg> weightViews(const Format &format, int64_t cols, int64_t blocks) {
  const GroupLayout &layout = format.layout();
  const int64_t groups = cols / format.group();
  const int64_t vectors = format.group() * layout.valueBits / 32;
  const KernelType scaleType = layout.rowScale ? KernelType::U8 : KernelType::F16;
  std::vector<KernelArg> views = {
      inputArg("weights", KernelType::U8, {4, kRowBlock, vectors, groups, blocks})};
  if (layout.scaleOffset >= 0)
    views.push_back(
        inputArg("weights_scale", scaleType, {kRowBlock, groups, blocks}, layout.scaleOffset));
  if (layout.minimumOffset >= 0)
    views.push_back(inputArg("weights_minimum", KernelType::F16, {kRowBlock, groups, blocks},
                             layout.minimumOffset));
  if (layout.zeroOffset >= 0)
    views.push_back(
        inputArg("weights_zero", KernelType::U8, {kRowBlock, groups, blocks}, layout.zeroOffset));
  if (layout.rowScale)
    views.push_back(inputArg("weights_row_scale", KernelType::F32, {kRowBlock, 1, blocks},
                             groups * layout.groupBytes));
  return views;
}

std::vector<KernelArg> ingot::productArgs(const Format &format, Activation activation, int64_t rows,
                                          int64_t cols, int64_t tokens) {
  const int64_t blocks = (rows + kRowBlock - 1) / kRowBlock;
  if (!format.quantized())
    return {inputArg("x", KernelType::F32, {cols, tokens}),
            inputArg("weights", format.layout().valueBits == 16 ? KernelType::F16 : KernelType::F32,
                     {kRowBlock, cols, blocks})};

  const int64_t scales = activation == Activation::I8T ? 1 : cols / format.group();
  std::vector<KernelArg> args = {
      inputArg("q", KernelType::I8, {cols, tokens}),
      inputArg("scale", KernelType::F32, {scales, tokens}),
      inputArg("sum", KernelType::F32, {scales, tokens}),
  };
  for (KernelArg &view : weightViews(format, cols, blocks))
    args.push_back(std::move(view));
  return args;
}

namespace {

/// Reads rows, cols and add; false after a complaint.
struct MatrixParams {
  const Format *format;
  Activation activation = Activation::F32;
  int64_t rows = 0, cols = 0;

  bool read(const KernelSpec &spec, ParamReader &params, std::string &error) {
    format = productFormat(spec.algorithm);
    activation = productActivation(spec.algorithm);
    rows = params.required("rows", 1, kMaxDimension);
    cols =
        params.required("cols", 1, activation == Activation::I8T ? kMaxTokenColumns : kMaxDimension,
                        format->group());
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
  for (KernelArg &arg :
       productArgs(*matrix.format, matrix.activation, matrix.rows, matrix.cols, /*tokens=*/1))
    signature.args.push_back(std::move(arg));
  signature.args.push_back(outputArg("y", KernelType::F32, {matrix.paddedRows()}));
  return signature;
}

std::optional<KernelSignature> ingot::signatureOfMatMat(const KernelSpec &spec,
                                                        std::string &error) {
  ParamReader params(spec, error);
  params.optional("tile", 1, 1, 16);
  params.optional("most", 1, 1, 16);
  MatrixParams matrix;
  if (!matrix.read(spec, params, error))
    return std::nullopt;
  KernelSignature signature{{scalarArg("begin"), scalarArg("end"), scalarArg("rows")}};
  for (KernelArg &arg : productArgs(*matrix.format, matrix.activation, matrix.rows, matrix.cols,
                                    KernelArg::kDynamic))
    signature.args.push_back(std::move(arg));
  signature.args.push_back(
      outputArg("y", KernelType::F32, {matrix.paddedRows(), KernelArg::kDynamic}));
  return signature;
}
