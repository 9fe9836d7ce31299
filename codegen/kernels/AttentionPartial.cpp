//===- AttentionPartial.cpp - Attention over one block of the cache -------===//

#include "codegen/kernels/AttentionPartial.h"
#include "codegen/kernels/KvStoreSpec.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

namespace {

constexpr int kBlock = int(kKvBlock), kRun = int(kKvRun);

ImageParam viewParam(const KvView &view) {
  const Type type = view.type == KernelType::I8    ? Int(8)
                    : view.type == KernelType::F16 ? Float(16)
                                                   : Float(32);
  ImageParam param(type, int(view.extents.size()), view.name);
  setStrided(param, view.extents, view.strides);
  return param;
}

} // namespace

std::unique_ptr<KernelStages> ingot::buildAttentionPartial(const KernelSpec &spec,
                                                           const Level &level) {
  auto k = std::make_unique<AttentionPartial>();
  k->spec = spec;
  const int heads = int(k->param("heads")), kvHeads = int(k->param("kv_heads"));
  const int headDim = k->headDim = int(k->param("head_dim"));
  const int group = k->group = heads / kvHeads;
  const KvLayout layout(kvKindOf(spec.algorithm), kvHeads, headDim);
  const int unit = k->unit = int(layout.unit), units = k->units = int(layout.groups());
  k->scaled = layout.scaled();

  Param<int32_t> begin("begin"), end("end"), head("head"), block("block"), position("position");
  ImageParam q(Float(32), 4, "q"); // (dim in the unit, unit, head, token row)
  setDense(q, {unit, units, heads, KernelArg::kDynamic});
  ImageParam keys = viewParam(kvKeys(layout)), values = viewParam(kvValues(layout));
  ImageParam keyScales = viewParam(kvKeyScales(layout));
  ImageParam valueScales = viewParam(kvValueScales(layout));
  k->arguments = {begin, end, head, block, position, q, keys};
  if (k->scaled)
    k->arguments.push_back(keyScales);
  k->arguments.push_back(values);
  if (k->scaled)
    k->arguments.push_back(valueScales);

  const Var p = k->p, x = k->x, u = k->u, member = k->member, row = k->row;
  const auto product = [&](Expr x, Expr u, Expr sum) {
    return multiplyAdd(q(x, u, head * group + member, row),
                       widen(keys(p % kRun, x, u, p / kRun, head, block), level), sum, level);
  };
  // The last position of the block that a row may see: negative for none.
  const auto last = [&](Expr row) { return position + row - block * kBlock; };

  k->dots(p, member, row) = 0.0f;
  if (k->scaled) {
    k->inUnit = RDom(0, unit, "in_unit");
    k->unitDots(p, u, member, row) = 0.0f;
    k->unitDots(p, u, member, row) = product(k->inUnit, u, k->unitDots(p, u, member, row));
    k->dims = RDom(0, units, "dims");
    k->dots(p, member, row) =
        multiplyAdd(k->unitDots(p, k->dims, member, row),
                    widen(keyScales(p % kRun, k->dims, p / kRun, head, block), level),
                    k->dots(p, member, row), level);
  } else {
    k->dims = RDom(0, unit, 0, units, "dims");
    k->dots(p, member, row) = product(k->dims.x, k->dims.y, k->dots(p, member, row));
  }
  k->runs = RDom(0, kRun, 0, kBlock / kRun, "runs");
  k->runs.where(k->runs.y * kRun <= last(row));
  const Expr inRun = k->runs.y * kRun + k->runs.x;
  k->scores(p, member, row) = undef<float>();
  k->scores(inRun, member, row) = k->dots(inRun, member, row);
  Func seen("seen");
  seen(p, member, row) = select(p <= last(row), k->scores(p, member, row), Float(32).min());
  k->largest = LaneReduction("largest", seen, kBlock, {member, row}, maxLanes);
  const Expr weight = expPolynomial(k->scores(p, member, row) - k->largest.result(member, row));
  k->weights(p, member, row) = select(p <= last(row), weight, 0.0f);
  k->total = LaneReduction("total", k->weights, kBlock, {member, row}, addLanes);

  // One loop of 64, not 4 runs of 16: as two nested loops, LLVM 21 copied and
  // spilled half the sums at every step (groups of 5, 32 registers).
  k->positions = RDom(0, kBlock, "positions");
  k->positions.where(k->positions <= last(row));
  const Expr at = k->positions;
  Expr factor = k->weights(at, member, row);
  if (k->scaled) {
    k->scaledWeights(p, u, member, row) =
        k->weights(p, member, row) * widen(valueScales(p % kRun, u, p / kRun, head, block), level);
    factor = k->scaledWeights(at, u, member, row);
  }
  k->sums(x, u, member, row) = 0.0f;
  k->sums(x, u, member, row) =
      multiplyAdd(factor, widen(values(x, u, at % kRun, at / kRun, head, block), level),
                  k->sums(x, u, member, row), level);
  k->output(x, u, member, row) = k->sums(x, u, member, row);

  // Rows before the block's first position have nothing in it.
  const Expr first = clamp(block * kBlock - position, begin, end);
  k->share = RDom(first, end - first, "share");
  const Expr r = k->share.x;
  const Expr dim = min(k->element, headDim - 1);
  k->partial(k->element, member, row) = undef<float>();
  k->partial(k->element, member, r - begin) =
      select(k->element < headDim, k->output(dim % unit, dim / unit, member, r),
             k->element == int(partialM(headDim)), k->largest.result(member, r),
             k->element == int(partialL(headDim)), k->total.result(member, r), 0.0f);
  setDense(k->partial.output_buffer(), {partialStride(headDim), group, KernelArg::kDynamic});
  k->outputs = {k->partial};
  return k;
}
