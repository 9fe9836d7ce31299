//===- AttentionBlock.cpp - Softmax over one block of the cache -----------===//

#include "codegen/kernels/AttentionBlock.h"
#include "codegen/kernels/AttentionSpec.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

static constexpr int kBlock = int(kKvBlock), kRun = int(kKvRun);

ImageParam ingot::viewParam(const KvView &view) {
  const Type type = view.type == KernelType::I8    ? Int(8)
                    : view.type == KernelType::F16 ? Float(16)
                                                   : Float(32);
  ImageParam param(type, int(view.extents.size()), view.name);
  setStrided(param, view.extents, view.strides);
  return param;
}

AttentionBlock::AttentionBlock(const KernelSpec &spec)
    : headDim(int(spec.params.at("head_dim"))),
      group(int(spec.params.at("heads") / spec.params.at("kv_heads"))),
      layout(kvKindOf(spec.algorithm), spec.params.at("kv_heads"), headDim), unit(int(layout.unit)),
      units(int(layout.groups())), q(layout.scaled() ? Int(8) : Float(32), 4, "q"),
      keys(viewParam(kvKeys(layout))), values(viewParam(kvValues(layout))) {
  this->spec = spec;
  setDense(q, {layout.storedUnit(), units, spec.params.at("heads"), KernelArg::kDynamic});
}

void AttentionBlock::defineSoftmax(const Func &dots) {
  runs = RDom(0, kRun, 0, kBlock / kRun, "runs");
  runs.where(runs.y * kRun <= last(row));
  scores(p, member, row) = undef<float>();
  scores(runs.y * kRun + runs.x, member, row) = dots(runs.x, runs.y, member, row);
  Func seen("seen");
  seen(p, member, row) = select(p <= last(row), scores(p, member, row), Float(32).min());
  largest = LaneReduction("largest", seen, kBlock, {member, row}, maxLanes);
  const Expr weight = expPolynomial(scores(p, member, row) - largest.result(member, row));
  weights(p, member, row) = select(p <= last(row), weight, 0.0f);
  total = LaneReduction("total", weights, kBlock, {member, row}, addLanes);
}

void AttentionBlock::definePartial() {
  // Rows before the block's first position have nothing in it.
  const Expr first = clamp(block * kBlock - position, begin, end);
  share = RDom(first, end - first, "share");
  const Expr r = share.x;
  const Expr dim = min(element, headDim - 1);
  partial(element, member, row) = undef<float>();
  partial(element, member, r - begin) =
      select(element < headDim, output(dim % unit, dim / unit, member, r),
             element == int(partialM(headDim)), largest.result(member, r),
             element == int(partialL(headDim)), total.result(member, r), 0.0f);
  setDense(partial.output_buffer(), {partialStride(headDim), group, KernelArg::kDynamic});
  outputs = {partial};
}
