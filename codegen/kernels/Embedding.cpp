//===- Embedding.cpp - Rows of the embedding matrix -----------------------===//

#include "codegen/kernels/Embedding.h"
#include "codegen/kernels/Product.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildEmbedding(const KernelSpec &spec, const Level &level) {
  auto k = std::make_unique<Embedding>();
  k->spec = spec;
  const int64_t rows = k->param("rows"), cols = k->param("cols");
  const Format &format = *findFormat(spec.algorithm.substr(spec.algorithm.find('_') + 1));
  const GroupLayout &layout = format.layout();

  Param<int32_t> begin("begin"), end("end");
  ImageParam tokens(Int(32), 1, "tokens");
  setDense(tokens, {KernelArg::kDynamic});
  // The views of the matrix; the activations that come with them go unused.
  Product product(format, rows, cols, level);
  std::vector<ImageParam> weights(product.inputs.begin() + (format.quantized() ? 3 : 1),
                                  product.inputs.end());

  k->share = RDom(begin, end - begin, "share");
  const Expr token = clamp(tokens(k->share), 0, int(rows) - 1), col = k->col;
  const Expr block = token / int(kRowBlock), lane = token % int(kRowBlock);
  Expr value;
  if (!format.quantized()) {
    value = cast<float>(weights[0](lane, col, block));
  } else {
    const int planes = 8 / layout.valueBits;
    const Expr group = col / int(format.group()), inGroup = col % int(format.group());
    const Expr byte = weights[0](inGroup % 4, lane, inGroup / (4 * planes), group, block);
    const Expr high = inGroup / 4 % planes == 1;
    const Expr stored =
        planes == 1 ? byte : select(high, byte >> cast<uint8_t>(4), byte & cast<uint8_t>(15));
    // The product has at most 8 + 11 bits: exact, so there is one rounding.
    value = cast<float>(cast<int32_t>(stored) - layout.zeroPoint) *
            cast<float>(weights[1](lane, group, block));
    if (layout.minimumOffset >= 0)
      value = value + cast<float>(weights[2](lane, group, block));
  }
  k->h(k->col, k->row) = undef<float>();
  k->h(k->col, k->share) = value;
  setDense(k->h.output_buffer(), {cols, KernelArg::kDynamic});

  k->arguments = {begin, end, tokens};
  k->arguments.insert(k->arguments.end(), weights.begin(), weights.end());
  k->outputs = {k->h};
  return k;
}
