//===- QuantizeToken.cpp - Activations to 8 bits, one scale a token -------===//

#include "codegen/kernels/QuantizeToken.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildQuantizeToken(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<QuantizeToken>();
  k->spec = spec;
  const int64_t cols = k->param("cols");
  const Var lane = k->lane, col = k->col, one = k->one, row = k->row;

  Param<int32_t> begin("begin"), end("end");
  ImageParam x(Float(32), 2, "x");
  setDense(x, {cols, KernelArg::kDynamic});
  k->share = RDom(begin, end - begin, "share");
  k->chunks = RDom(0, int(cols / kTokenLanes), "chunks");
  const Expr r = k->share.x, inChunk = k->chunks.x * kTokenLanes + lane;

  k->laneLargest(lane, row) = 0.0f;
  k->laneLargest(lane, row) = max(k->laneLargest(lane, row), abs(x(inChunk, row)));
  k->largest = LaneReduction("largest", k->laneLargest, kTokenLanes, {row}, maxLanes);
  k->scale(one, row) = undef<float>();
  const Expr most = k->largest.result(r);
  k->scale(0, r) = select(most >= 0x1p-100f, most / 127.0f, 0.0f);

  k->q(col, row) = undef<int8_t>();
  const Expr inverse = select(k->scale(0, r) > 0.0f, 1.0f / k->scale(0, r), 0.0f);
  k->q(col, r) = cast<int8_t>(cast<int32_t>(roundToEven(x(col, r) * inverse)));

  k->laneTotal(lane, row) = 0;
  k->laneTotal(lane, row) += cast<int32_t>(k->q(inChunk, row));
  k->total = LaneReduction("total", k->laneTotal, kTokenLanes, {row}, addLanes);
  k->sum(one, row) = undef<float>();
  k->sum(0, r) = cast<float>(k->total.result(r));

  setDense(k->q.output_buffer(), {cols, KernelArg::kDynamic});
  setDense(k->scale.output_buffer(), {1, KernelArg::kDynamic});
  setDense(k->sum.output_buffer(), {1, KernelArg::kDynamic});
  k->arguments = {begin, end, x};
  k->outputs = {k->q, k->scale, k->sum};
  return k;
}
