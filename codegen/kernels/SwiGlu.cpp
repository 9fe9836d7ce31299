//===- SwiGlu.cpp - Gated activation --------------------------------------===//

#include "codegen/kernels/SwiGlu.h"
#include "codegen/kernels/Polynomials.h"

#include <algorithm>
#include <iterator>

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

  k->arguments = {rows, begin, end, gu};
  Var feature("feature"), row("row");
  k->share = RDom(0, group, begin, end - begin, 0, rows, "share");
  const Expr at = k->share.y * group + k->share.x;
  if (features % group)
    k->share.where(at < features);
  k->y(feature, row) = undef<float>();
  const auto half = [&](int which) { return gu(k->share.x, which, k->share.y, k->share.z); };
  const Expr gate = half(0), up = half(1);
  k->y(at, k->share.z) = gate / (1.0f + expPolynomial(-gate)) * up;
  setDense(k->y.output_buffer(), {features, KernelArg::kDynamic});
  k->outputs = {k->y};
  if (k->quantizes) {
    const auto written = [&](Expr index, Expr g, Expr r) { return k->y(g * group + index, r); };
    k->quantized =
        QuantizedRows(written, written, features, RDom(begin, end - begin, 0, rows, "share"));
    std::ranges::copy(k->quantized.outputs(), std::back_inserter(k->outputs));
  }
  return k;
}
