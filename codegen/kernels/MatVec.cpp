//===- MatVec.cpp - y = W x, or y += W x ----------------------------------===//

#include "codegen/kernels/MatVec.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildMatVec(const KernelSpec &spec, const Level &level) {
  const int64_t rows = spec.params.at("rows"), cols = spec.params.at("cols");
  auto k = std::make_unique<MatVec>(*productFormat(spec.algorithm),
                                    productActivation(spec.algorithm), rows, cols, level);
  k->spec = spec;

  Param<int32_t> begin("begin"), end("end");
  k->share = RDom(begin, end - begin, "share");
  const Expr product = k->result(0, k->share);
  k->y(k->lane, k->block) = undef<float>();
  if (k->param("add"))
    k->y(k->lane, k->share) += product;
  else
    k->y(k->lane, k->share) = product;
  setDense(k->y.output_buffer(), {kRowBlock, KernelArg::kDynamic});

  k->arguments = {begin, end};
  k->arguments.insert(k->arguments.end(), k->inputs.begin(), k->inputs.end());
  k->outputs = {k->y};
  return k;
}
