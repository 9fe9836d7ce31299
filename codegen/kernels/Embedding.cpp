//===- Embedding.cpp - Rows of the embedding matrix -----------------------===//

#include "codegen/kernels/Embedding.h"
#include "codegen/kernels/Product.h"

#include <algorithm>

using namespace ingot;
using namespace Halide;

/// The weight of a column: the same roundings as Format::dequantizeRow.
static Expr quantizedValue(const GroupLayout &layout, std::vector<ImageParam> &weights,
                           const Expr &col, const Expr &lane, const Expr &block,
                           const Level &level) {
  auto view = [&](const char *name) -> ImageParam & {
    return *std::ranges::find_if(weights, [&](ImageParam &one) { return one.name() == name; });
  };
  const int planes = 8 / layout.valueBits;
  const Expr group = col / int(kColumnGroup), inGroup = col % int(kColumnGroup);
  const Expr byte = view("weights")(inGroup % 4, lane, inGroup / (4 * planes), group, block);
  const Expr high = inGroup / 4 % planes == 1;
  const Expr stored = cast<int32_t>(
      planes == 1 ? byte : select(high, byte >> cast<uint8_t>(4), byte & cast<uint8_t>(15)));
  if (layout.zeroOffset >= 0) {
    const Expr zero = cast<int32_t>(view("weights_zero")(lane, group, block));
    const Expr step = cast<int32_t>(view("weights_scale")(lane, group, block));
    return view("weights_row_scale")(lane, 0, block) * (1.0f / kZeroSteps) *
           cast<float>(step * (stored * kZeroSteps - zero));
  }
  // The product has at most 8 + 11 bits, or is one of a float: one rounding.
  const Expr scale = layout.rowScale ? view("weights_row_scale")(lane, 0, block)
                                     : widen(view("weights_scale")(lane, group, block), level);
  const Expr value = cast<float>(stored - layout.zeroPoint) * scale;
  return layout.minimumOffset < 0
             ? value
             : value + widen(view("weights_minimum")(lane, group, block), level);
}

std::unique_ptr<KernelStages> ingot::buildEmbedding(const KernelSpec &spec, const Level &level) {
  auto k = std::make_unique<Embedding>();
  k->spec = spec;
  const int64_t rows = k->param("rows"), cols = k->param("cols");
  const Format &format = *findFormat(spec.algorithm.substr(spec.algorithm.find('_') + 1));
  const GroupLayout &layout = format.layout();

  Param<int32_t> begin("begin"), end("end");
  ImageParam tokens(Int(32), 1, "tokens");
  setDense(tokens, {KernelArg::kDynamic});
  // The views of the matrix, by bytes; the activations that come with them go unused.
  Level byBytes = level;
  byBytes.dot = DotForm::Pairs32;
  Product product(format, Activation::I8, rows, cols, byBytes);
  std::vector<ImageParam> weights(product.inputs.begin() + (format.quantized() ? 3 : 1),
                                  product.inputs.end());

  k->share = RDom(begin, end - begin, "share");
  const Expr token = clamp(tokens(k->share), 0, int(rows) - 1), col = k->col;
  const Expr block = token / int(kRowBlock), lane = token % int(kRowBlock);
  k->h(k->col, k->row) = undef<float>();
  k->h(k->col, k->share) = format.quantized()
                               ? quantizedValue(layout, weights, col, lane, block, level)
                               : widen(weights[0](lane, col, block), level);
  setDense(k->h.output_buffer(), {cols, KernelArg::kDynamic});

  k->arguments = {begin, end, tokens};
  k->arguments.insert(k->arguments.end(), weights.begin(), weights.end());
  k->outputs = {k->h};
  return k;
}
