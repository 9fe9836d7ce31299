//===- LlmFuseQkv.cpp - One product for q, k and v ------------------------===//

#include "compiler/passes/FuseLinears.h"
#include "compiler/passes/Passes.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_LLMFUSEQKVPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmFuseQkv : ingot::impl::LlmFuseQkvPassBase<LlmFuseQkv> {
  void runOnOperation() override;
};
} // namespace

/// The linear behind a rotated or plain projection.
static LinearOp projectionOf(Value value) {
  if (auto rope = value.getDefiningOp<RopeOp>())
    value = rope.getInput();
  return value.getDefiningOp<LinearOp>();
}

void LlmFuseQkv::runOnOperation() {
  ModelOp model = getOperation();
  model.walk([&](AttentionOp attention) {
    SmallVector<LinearOp> linears = {projectionOf(attention.getQuery()),
                                     projectionOf(attention.getKey()),
                                     projectionOf(attention.getValue())};
    if (::llvm::is_contained(linears, nullptr) || linears[0] == linears[1] ||
        linears[1] == linears[2] || !canFuse(linears))
      return;
    LinearOp fusedLinear = fuseLinears(model, linears, /*interleave=*/0);
    OpBuilder builder(fusedLinear->getContext());
    builder.setInsertionPointAfter(fusedLinear);
    int64_t begin = 0;
    for (LinearOp linear : linears) {
      auto type = cast<RankedTensorType>(linear.getResult().getType());
      auto slice = SliceOp::create(builder, linear.getLoc(), type, fusedLinear.getResult(), begin);
      begin += type.getDimSize(1);
      linear.getResult().replaceAllUsesWith(slice.getResult());
    }
    for (LinearOp linear : linears)
      linear.erase();
    ++fused;
  });
  eraseUnusedWeights(model);
}
