//===- KvStore.cpp - Keys and values into the cache -----------------------===//

#include "codegen/kernels/KvStore.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

namespace {

constexpr float kLargestHalf = 65504.0f;

/// Where the unit `u` of `row` goes: the last coordinates of every view.
struct Place {
  Expr run, inRun, unit, head, block;

  Place(Expr at, Expr u, int unitsPerHead)
      : run(at % int(kKvBlock) / int(kKvRun)), inRun(at % int(kKvRun)), unit(u % unitsPerHead),
        head(u / unitsPerHead), block(at / int(kKvBlock)) {}

  std::vector<Expr> element(bool keys, Expr index) const {
    if (keys)
      return {inRun, index, unit, run, head, block};
    return {index, unit, inRun, run, head, block};
  }
  std::vector<Expr> scale() const { return {inRun, unit, run, head, block}; }
};

/// Free variables for the pure definition of an output that only its updates
/// write; `index` keeps its place among them.
std::vector<Var> freeVars(const std::vector<Expr> &like, Expr index, Var indexVar) {
  std::vector<Var> vars;
  for (const Expr &e : like)
    vars.push_back(index.defined() && e.same_as(index) ? indexVar : Var());
  return vars;
}

} // namespace

std::unique_ptr<KernelStages> ingot::buildKvStore(const KernelSpec &spec, const Level &) {
  auto k = std::make_unique<KvStore>();
  k->spec = spec;
  k->keys = spec.algorithm.starts_with("kv_store_k_");
  const QkvUnits units(*k);
  k->layout = KvLayout(kvKindOf(spec.algorithm), units.kvHeads, units.headDim);
  const KvLayout &layout = k->layout;
  const bool keys = k->keys;

  Param<int32_t> rows("rows"), begin("begin"), end("end"), position("position");
  k->share = RDom(0, rows, begin, end - begin, "share");
  const Expr r = k->share.x, u = k->share.y;
  const Place place(position + r, u, units.unitsPerHead());

  const auto newValues = [&]() {
    Func f("unit_values");
    f(k->index, k->unit, k->row) = keys ? units.roped(units.firstK(), k->index, k->unit, k->row)
                                        : units.plain(units.firstV(), k->index, k->unit, k->row);
    k->values.push_back(f);
    return f;
  };

  const Expr index = k->index;
  const std::vector<Expr> at = place.element(keys, index);
  k->store(freeVars(at, index, k->index)) = undef(layout.scaled()              ? Int(8)
                                                  : layout.kind == KvKind::F16 ? Float(16)
                                                                               : Float(32));
  if (layout.scaled()) {
    Func forScale = newValues();
    k->inUnit = RDom(0, units.unit, "in_unit");
    k->largest(k->unit, k->row) = 0.0f;
    k->largest(k->unit, k->row) =
        max(k->largest(k->unit, k->row), abs(forScale(k->inUnit, k->unit, k->row)));
    k->scales(freeVars(place.scale(), Expr(), k->index)) = undef(Float(16));
    k->scales(place.scale()) = cast(Float(16), min(k->largest(u, r) / 127.0f, kLargestHalf));

    const Expr scale = cast<float>(k->scales(place.scale()));
    // Not zero: half the smallest 16-bit float, which is none itself, or LLVM would compare as such
    // and base levels have no instruction for it.
    const Expr inverse = select(scale > 0x1p-25f, 1.0f / scale, 0.0f);
    const Expr q = roundToEven(max(min(newValues()(index, u, r) * inverse, 127.0f), -127.0f));
    k->store(at) = cast<int8_t>(cast<int32_t>(q));
  } else {
    const Expr v = newValues()(index, u, r);
    k->store(at) =
        layout.kind == KvKind::F16 ? cast(Float(16), max(min(v, kLargestHalf), -kLargestHalf)) : v;
  }

  const KvView view = keys ? kvKeys(layout) : kvValues(layout);
  setStrided(k->store.output_buffer(), view.extents, view.strides);
  k->arguments = {rows, begin, end, position, units.qkv};
  if (keys)
    k->arguments.push_back(units.cs);
  k->outputs = {k->store};
  if (layout.scaled()) {
    const KvView scaleView = keys ? kvKeyScales(layout) : kvValueScales(layout);
    setStrided(k->scales.output_buffer(), scaleView.extents, scaleView.strides);
    k->outputs.push_back(k->scales);
  }
  return k;
}
