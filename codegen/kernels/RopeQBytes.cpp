//===- RopeQBytes.cpp - Queries that meet keys of bytes -------------------===//

#include "codegen/kernels/RopeQBytes.h"
#include "codegen/kernels/KvLayout.h"
#include "codegen/kernels/Polynomials.h"

#include <bit>
#include <cmath>

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildRopeQBytes(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<RopeQBytes>();
  k->spec = spec;
  const QkvUnits units(*k);
  const KvLayout layout(KvKind::Q8, units.kvHeads, units.headDim);
  const int unit = k->unit = units.unit, stored = k->stored = int(layout.storedUnit());
  const int all = units.heads * units.unitsPerHead();
  Param<int32_t> rows("rows"), begin("begin"), end("end");
  k->share = RDom(begin, end - begin, 0, rows, "share");
  const Var index = k->index, at = k->at, row = k->row;
  const Expr u = k->share.x, r = k->share.y;

  const float factor = float(1.0 / std::sqrt(double(units.headDim)));
  for (Func *values : {&k->forScale, &k->forQ})
    (*values)(index, at, row) = units.roped(/*first=*/0, index, at, row) * factor;
  const auto upToEnd = [&](Expr value, Expr zero, int extent) {
    return extent == unit ? value : select(index < unit, value, zero);
  };
  const Expr inside = min(index, unit - 1);

  const int lanes = std::max(2, int(std::bit_ceil(unsigned(unit))));
  k->magnitude(index, at, row) =
      upToEnd(abs(k->forScale(lanes == unit ? Expr(index) : inside, at, row)), 0.0f, lanes);
  k->largest = LaneReduction("largest", k->magnitude, lanes, {at, row}, maxLanes);
  const Expr most = k->largest.result(u, r);
  k->scale(at, row) = undef<float>();
  k->scale(u, r) = select(most >= 0x1p-100f, most / 127.0f, 0.0f);

  const Expr inverse = select(k->scale(u, r) > 0.0f, 1.0f / k->scale(u, r), 0.0f);
  const Expr value = k->forQ(stored == unit ? Expr(index) : inside, u, r) * inverse;
  k->q(index, at, row) = undef<int8_t>();
  k->q(index, u, r) =
      upToEnd(cast<int8_t>(cast<int32_t>(roundToEven(value))), cast<int8_t>(0), stored);

  k->inStored = RDom(0, stored, "in_stored");
  k->total(at, row) = 0;
  k->total(at, row) += cast<int32_t>(k->q(k->inStored, at, row));
  k->sum(at, row) = undef<float>();
  k->sum(u, r) = cast<float>(k->total(u, r));

  setDense(k->q.output_buffer(), {stored, all, KernelArg::kDynamic});
  setDense(k->scale.output_buffer(), {all, KernelArg::kDynamic});
  setDense(k->sum.output_buffer(), {all, KernelArg::kDynamic});
  k->arguments = {rows, begin, end, units.qkv, units.cs};
  k->outputs = {k->q, k->scale, k->sum};
  return k;
}
