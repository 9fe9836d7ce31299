//===- LlmFuseResidual.cpp - Residual additions into epilogues ------------===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_LLMFUSERESIDUALPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmFuseResidual : ingot::impl::LlmFuseResidualPassBase<LlmFuseResidual> {
  void runOnOperation() override;
};
} // namespace

/// The linear among the addends that can take the other one as its residual.
static LinearOp fusableLinear(AddOp add, Value &residual) {
  for (auto [product, other] :
       {std::pair(add.getRhs(), add.getLhs()), std::pair(add.getLhs(), add.getRhs())}) {
    auto linear = product.getDefiningOp<LinearOp>();
    if (linear && linear.getResult().hasOneUse() && !linear.getResidual() && product != other) {
      residual = other;
      return linear;
    }
  }
  return nullptr;
}

void LlmFuseResidual::runOnOperation() {
  getOperation().walk([&](AddOp add) {
    Value residual;
    LinearOp linear = fusableLinear(add, residual);
    if (!linear)
      return;
    // Built where the addition stood: the residual is known to exist there.
    OpBuilder builder(add);
    auto fusedLinear = LinearOp::create(builder, linear.getLoc(), linear.getResult().getType(),
                                        linear.getInput(), linear.getWeightAttr(), residual);
    add.getResult().replaceAllUsesWith(fusedLinear.getResult());
    add.erase();
    linear.erase();
    ++fused;
  });
}
