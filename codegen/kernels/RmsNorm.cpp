//===- RmsNorm.cpp - Root-mean-square norm --------------------------------===//

#include "codegen/kernels/RmsNorm.h"

#include <bit>

using namespace ingot;
using namespace Halide;

static InverseRms inverseRms(ImageParam x, Var lane, Var row, int cols, float eps,
                             const Level &level) {
  InverseRms pass;
  const int full = cols / kNormLanes, rest = cols % kNormLanes;
  Func &squares = pass.squares;
  squares(lane, row) = 0.0f;
  if (full) {
    pass.fullDom = RDom(0, full, "full");
    const Expr v = x(pass.fullDom * kNormLanes + lane, row);
    squares(lane, row) = multiplyAdd(v, v, squares(lane, row), level);
  }
  if (rest) {
    pass.restDom = RDom(0, rest, "rest");
    const Expr v = x(full * kNormLanes + pass.restDom, row);
    squares(pass.restDom, row) = multiplyAdd(v, v, squares(pass.restDom, row), level);
  }
  pass.total = LaneReduction("total_squares", squares, kNormLanes, {row}, addLanes);
  pass.inverse(row) = 1.0f / sqrt(pass.total.result(row) / float(cols) + eps);
  return pass;
}

std::unique_ptr<KernelStages> ingot::buildRmsNorm(const KernelSpec &spec, const Level &level) {
  auto k = std::make_unique<RmsNorm>();
  k->spec = spec;
  k->quantizes = spec.algorithm == "rms_norm_quantize";
  const int cols = int(k->param("cols"));
  const float eps = std::bit_cast<float>(int32_t(k->param("eps_bits")));

  Param<int32_t> begin("begin"), end("end");
  ImageParam x(Float(32), 2, "x"), weight(Float(32), 1, "weight");
  setDense(x, {cols, KernelArg::kDynamic});
  setDense(weight, {cols});
  for (int pass = 0; pass < (k->quantizes ? 2 : 1); ++pass)
    k->passes.push_back(inverseRms(x, k->lane, k->row, cols, eps, level));
  const auto value = [&](const InverseRms &pass, Expr col, Expr row) {
    return x(col, row) * pass.inverse(row) * weight(col);
  };

  k->arguments = {begin, end, x, weight};
  if (k->quantizes) {
    const int groups = cols / kActivationGroup;
    const auto inPass = [&](const InverseRms &pass) {
      return [&](Expr index, Expr group, Expr row) {
        return value(pass, group * kActivationGroup + index, row);
      };
    };
    k->quantized = QuantizedRows(inPass(k->passes[0]), inPass(k->passes[1]), cols,
                                 RDom(0, groups, begin, end - begin, "share"));
    k->outputs = k->quantized.outputs();
    return k;
  }
  k->share = RDom(begin, end - begin, "share");
  k->y(k->col, k->row) = undef<float>();
  k->y(k->col, k->share) = value(k->passes[0], k->col, k->share);
  setDense(k->y.output_buffer(), {cols, KernelArg::kDynamic});
  k->outputs = {k->y};
  return k;
}
