//===- KvStore.cpp - Keys and values into the cache -----------------------===//

#include "codegen/kernels/KvStore.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

namespace {

constexpr float kLargestHalf = 65504.0f;

/// Where the unit `u` of the row at position `at` goes, in every view.
struct Place {
  Expr inBlock, unit, head, block;
  int quad;

  Place(Expr at, Expr u, int unitsPerHead, const KvLayout &layout)
      : inBlock(at % int(kKvBlock)), unit(u % unitsPerHead), head(u / unitsPerHead),
        block(at / int(kKvBlock)), quad(int(layout.quad())) {}

  std::vector<Expr> key(Expr item, Expr ofUnit) const {
    return {item, inBlock % int(kKvRun), ofUnit, unit, inBlock / int(kKvRun), head, block};
  }
  std::vector<Expr> value(Expr index) const {
    return {inBlock % quad, index, unit, inBlock / quad, head, block};
  }
  std::vector<Expr> scale() const { return {inBlock, unit, head, block}; }
};

/// The pure definition of an output that only its updates write: its variables,
/// those that the update keeps under their own names.
std::vector<Var> freeVars(const std::vector<Expr> &like) {
  std::vector<Var> vars;
  for (const Expr &e : like) {
    const auto *variable = e.as<Internal::Variable>();
    vars.push_back(variable ? Var(variable->name) : Var());
  }
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
  const Place place(position + r, u, units.unitsPerHead(), layout);

  const auto newValues = [&]() {
    Func f("unit_values");
    f(k->index, k->unit, k->row) = keys ? units.roped(units.firstK(), k->index, k->unit, k->row)
                                        : units.plain(units.firstV(), k->index, k->unit, k->row);
    k->values.push_back(f);
    return f;
  };

  // A key goes quad by quad; what fills up its last quad repeats the unit's last dim.
  const int quad = int(layout.quad());
  const Expr ofQuad = k->quad * quad + k->item;
  const Expr index = !keys               ? Expr(k->index)
                     : units.unit % quad ? min(ofQuad, units.unit - 1)
                                         : ofQuad;
  const std::vector<Expr> at = keys ? place.key(k->item, k->quad) : place.value(k->index);
  k->store(freeVars(at)) = undef(layout.scaled()              ? Int(8)
                                 : layout.kind == KvKind::F16 ? Float(16)
                                                              : Float(32));
  if (layout.scaled()) {
    Func forScale = newValues();
    k->inUnit = RDom(0, units.unit, "in_unit");
    k->largest(k->unit, k->row) = 0.0f;
    k->largest(k->unit, k->row) =
        max(k->largest(k->unit, k->row), abs(forScale(k->inUnit, k->unit, k->row)));
    k->scales(freeVars(place.scale())) = undef(Float(16));
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
