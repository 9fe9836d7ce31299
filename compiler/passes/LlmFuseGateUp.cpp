//===- LlmFuseGateUp.cpp - One product for gate and up --------------------===//

#include "codegen/formats/Format.h"
#include "compiler/passes/FuseLinears.h"
#include "compiler/passes/Passes.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_LLMFUSEGATEUPPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmFuseGateUp : ingot::impl::LlmFuseGateUpPassBase<LlmFuseGateUp> {
  void runOnOperation() override;
};
} // namespace

/// Rows of one turn: where the SwiGLU's result will be quantised, a thread's
/// share must hold whole groups of it, else whole row blocks.
static int64_t turnRows(ModelOp model, SwigluOp swiglu) {
  for (Operation *user : swiglu.getResult().getUsers())
    if (auto linear = dyn_cast<LinearOp>(user))
      if (model.lookupSymbol<WeightOp>(linear.getWeightAttr()).getWeightType().isQuantized())
        return QuantizedType::kGroup;
  return kRowBlock;
}

void LlmFuseGateUp::runOnOperation() {
  ModelOp model = getOperation();
  model.walk([&](SwigluOp swiglu) {
    auto gate = swiglu.getGate().getDefiningOp<LinearOp>();
    auto up = swiglu.getUp().getDefiningOp<LinearOp>();
    if (!gate || !up || gate == up || !gate.getResult().hasOneUse() ||
        !up.getResult().hasOneUse() || !canFuse({gate, up}))
      return;
    int64_t group = turnRows(model, swiglu);
    LinearOp fusedLinear = fuseLinears(model, {gate, up}, group);
    OpBuilder builder(swiglu);
    auto result = SwigluInterleavedOp::create(
        builder, swiglu.getLoc(), swiglu.getResult().getType(), fusedLinear.getResult(), group);
    swiglu.getResult().replaceAllUsesWith(result.getResult());
    swiglu.erase();
    gate.erase();
    up.erase();
    ++fused;
  });
  eraseUnusedWeights(model);
}
