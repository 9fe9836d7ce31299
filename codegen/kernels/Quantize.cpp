//===- Quantize.cpp - Activations to 8 bits -------------------------------===//

#include "codegen/kernels/Quantize.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildQuantize(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<Quantize>();
  k->spec = spec;
  const int64_t cols = k->param("cols"), groups = cols / kActivationGroup;

  Param<int32_t> begin("begin"), end("end");
  ImageParam x(Float(32), 3, "x");
  setDense(x, {kActivationGroup, groups, KernelArg::kDynamic});

  const auto value = [&](Expr index, Expr group, Expr row) { return x(index, group, row); };
  k->quantized =
      QuantizedRows(value, value, cols, RDom(0, int(groups), begin, end - begin, "share"));

  k->arguments = {begin, end, x};
  k->outputs = k->quantized.outputs();
  return k;
}
