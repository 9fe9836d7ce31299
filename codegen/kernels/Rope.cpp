//===- Rope.cpp - Rotary positions ----------------------------------------===//

#include "codegen/kernels/Rope.h"
#include "codegen/formats/Format.h"
#include "codegen/kernels/Polynomials.h"

#include <cmath>

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildRopeAngles(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<RopeAngles>();
  k->spec = spec;
  const int headDim = int(k->param("head_dim"));
  Param<int32_t> begin("begin"), end("end"), position("position");
  ImageParam frequency(Float(32), 1, "inv_freq");
  setDense(frequency, {headDim / 2});

  k->share = RDom(begin, end - begin, "share");
  const Expr angle = cast<float>(position + k->share) * frequency(k->dim / 2);
  k->cs(k->dim, k->row) = undef<float>();
  k->cs(k->dim, k->share) = sineOrCosine(angle, k->dim % 2 == 1);
  setDense(k->cs.output_buffer(), {headDim, KernelArg::kDynamic});

  k->arguments = {begin, end, position, frequency};
  k->outputs = {k->cs};
  return k;
}

QkvUnits::QkvUnits(const KernelStages &stages)
    : heads(int(stages.param("heads"))), kvHeads(int(stages.param("kv_heads"))),
      headDim(int(stages.param("head_dim"))), unit(int(stages.param("unit"))) {
  const int64_t rows = int64_t(heads + 2 * kvHeads) * headDim;
  setDense(qkv, {(rows + kRowBlock - 1) / kRowBlock * kRowBlock, KernelArg::kDynamic});
  setDense(cs, {headDim, KernelArg::kDynamic});
}

Expr QkvUnits::plain(int first, Expr index, Expr u, Expr row) const {
  return qkv(first + u * unit + index, row);
}

Expr QkvUnits::roped(int first, Expr index, Expr u, Expr row) const {
  const Expr even = index / 2 * 2, odd = even + 1;
  const Expr a = plain(first, even, u, row), b = plain(first, odd, u, row);
  const Expr inHead = (u % unitsPerHead()) * unit;
  const Expr cosine = cs(inHead + even, row), sine = cs(inHead + odd, row);
  return select(index % 2 == 0, a * cosine - b * sine, b * cosine + a * sine);
}

std::unique_ptr<KernelStages> ingot::buildRopeQ(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<RopeQ>();
  k->spec = spec;
  const QkvUnits units(*k);
  k->unit = units.unit;
  Param<int32_t> rows("rows"), begin("begin"), end("end");

  k->share = RDom(begin, end - begin, 0, rows, "share");
  const float scale = float(1.0 / std::sqrt(double(units.headDim)));
  k->q(k->index, k->at, k->row) = undef<float>();
  k->q(k->index, k->share.x, k->share.y) =
      units.roped(/*first=*/0, k->index, k->share.x, k->share.y) * scale;
  setDense(k->q.output_buffer(), {units.unit, units.firstK() / units.unit, KernelArg::kDynamic});

  k->arguments = {rows, begin, end, units.qkv, units.cs};
  k->outputs = {k->q};
  return k;
}
