//===- LlmFuseQuantize.cpp - Producers that quantise their result ---------===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

namespace ingot {
#define GEN_PASS_DEF_LLMFUSEQUANTIZEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmFuseQuantize : ingot::impl::LlmFuseQuantizePassBase<LlmFuseQuantize> {
  void runOnOperation() override;
};
} // namespace

void LlmFuseQuantize::runOnOperation() {
  getOperation().walk([&](QuantizeOp quantize) {
    Operation *producer = quantize.getInput().getDefiningOp();
    // One scale a token needs all of the vector before the first value of it.
    if (!isa_and_nonnull<RmsNormOp, SwigluInterleavedOp>(producer) ||
        !quantize.getInput().hasOneUse() || quantize.getResult().getType().isTokenWise())
      return;
    producer->getResult(0).setType(quantize.getResult().getType());
    quantize.getResult().replaceAllUsesWith(producer->getResult(0));
    quantize.erase();
    ++fused;
  });
}
