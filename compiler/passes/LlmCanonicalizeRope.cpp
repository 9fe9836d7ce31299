//===- LlmCanonicalizeRope.cpp - Half-style RoPE as interleaved -----------===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_LLMCANONICALIZEROPEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmCanonicalizeRope : ingot::impl::LlmCanonicalizeRopePassBase<LlmCanonicalizeRope> {
  void runOnOperation() override;

private:
  bool permuteRows(RopeOp rope, LinearOp linear);
};
} // namespace

/// The linear whose rows `rope` rotates, if both weights can be permuted: its
/// result and the rotation's must have no other use.
static LinearOp permutableLinear(RopeOp rope) {
  auto linear = rope.getInput().getDefiningOp<LinearOp>();
  if (!linear || !linear.getResult().hasOneUse() || linear.getResidual() ||
      !rope.getResult().hasOneUse())
    return nullptr;
  return linear;
}

/// Queries and keys meet only in dot products, so both or neither may be
/// permuted.
void LlmCanonicalizeRope::runOnOperation() {
  getOperation().walk([&](AttentionOp attention) {
    auto q = attention.getQuery().getDefiningOp<RopeOp>();
    auto k = attention.getKey().getDefiningOp<RopeOp>();
    if (!q || !k || q.getStyle() != RopeStyle::half || k.getStyle() != RopeStyle::half)
      return;
    LinearOp qLinear = permutableLinear(q), kLinear = permutableLinear(k);
    if (!qLinear || !kLinear || qLinear.getWeightAttr() == kLinear.getWeightAttr())
      return;
    if (permuteRows(q, qLinear) && permuteRows(k, kLinear)) {
      q.setStyle(RopeStyle::interleaved);
      k.setStyle(RopeStyle::interleaved);
    }
  });
}

/// Gives every source of the linear's weight the interleaved row order.
bool LlmCanonicalizeRope::permuteRows(RopeOp rope, LinearOp linear) {
  auto weight = getOperation().lookupSymbol<WeightOp>(linear.getWeightAttr());
  SmallVector<Attribute> sources;
  for (Attribute attribute : weight.getSources()) {
    auto source = cast<SourceAttr>(attribute);
    // A second run of a shared block finds the rows in order already.
    if (source.getRopeInterleave() == static_cast<int64_t>(rope.getHeadDim())) {
      sources.push_back(source);
      continue;
    }
    if (source.getRopeInterleave() || source.getRows() % rope.getHeadDim())
      return false;
    sources.push_back(SourceAttr::get(&getContext(), source.getTensor(), source.getRows(),
                                      source.getCols(), rope.getHeadDim()));
  }
  weight.setSourcesAttr(ArrayAttr::get(&getContext(), sources));
  return true;
}
