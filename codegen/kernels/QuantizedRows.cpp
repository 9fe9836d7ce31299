//===- QuantizedRows.cpp - Activations in 8 bits, groups of 32 ------------===//

#include "codegen/kernels/QuantizedRows.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

QuantizedRows::QuantizedRows(const Value &forScale, const Value &forQ, int64_t cols, RDom share)
    : share(share), inGroup(0, kActivationGroup, "in_group") {
  const Expr g = share.x, r = share.y;

  magnitude(index, group, row) = abs(forScale(index, group, row));
  largest = LaneReduction("largest", magnitude, kActivationGroup, {group, row}, maxLanes);
  scale(group, row) = undef<float>();
  const Expr most = largest.result(g, r);
  scale(g, r) = select(most >= 0x1p-100f, most / 127.0f, 0.0f);

  q(index, group, row) = undef<int8_t>();
  const Expr inverse = select(scale(g, r) > 0.0f, 1.0f / scale(g, r), 0.0f);
  q(index, g, r) = cast<int8_t>(cast<int32_t>(roundToEven(forQ(index, g, r) * inverse)));

  total(group, row) = 0;
  total(group, row) += cast<int32_t>(q(inGroup, group, row));
  sum(group, row) = undef<float>();
  sum(g, r) = cast<float>(total(g, r));

  const int64_t groups = cols / kActivationGroup;
  setDense(q.output_buffer(), {kActivationGroup, groups, KernelArg::kDynamic});
  setDense(scale.output_buffer(), {groups, KernelArg::kDynamic});
  setDense(sum.output_buffer(), {groups, KernelArg::kDynamic});
}
