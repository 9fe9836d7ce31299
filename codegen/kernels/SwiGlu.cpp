//===- SwiGlu.cpp - Gated activation --------------------------------------===//

#include "codegen/kernels/SwiGlu.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildSwiGlu(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<SwiGlu>();
  k->spec = spec;
  k->quantizes = spec.algorithm == "swiglu_quantize";
  const int features = int(k->param("features")), group = int(k->param("group"));
  const int groups = (features + group - 1) / group;

  Param<int32_t> rows("rows"), begin("begin"), end("end");
  ImageParam gu(Float(32), 4, "gu"); // (index, gate or up, group, row)
  setDense(gu, {group, 2, groups, KernelArg::kDynamic});
  const auto value = [&](Expr index, Expr g, Expr row) {
    const Expr gate = gu(index, 0, g, row), up = gu(index, 1, g, row);
    return gate / (1.0f + expPolynomial(-gate)) * up;
  };

  k->arguments = {rows, begin, end, gu};
  if (k->quantizes) {
    k->quantized =
        QuantizedRows(value, value, features, RDom(begin, end - begin, 0, rows, "share"));
    k->outputs = k->quantized.outputs();
    return k;
  }
  Var feature("feature"), row("row");
  k->share = RDom(0, group, begin, end - begin, 0, rows, "share");
  const Expr at = k->share.y * group + k->share.x;
  if (features % group)
    k->share.where(at < features);
  k->y(feature, row) = undef<float>();
  k->y(at, k->share.z) = value(k->share.x, k->share.y, k->share.z);
  setDense(k->y.output_buffer(), {features, KernelArg::kDynamic});
  k->outputs = {k->y};
  return k;
}
