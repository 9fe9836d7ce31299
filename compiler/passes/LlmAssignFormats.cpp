//===- LlmAssignFormats.cpp - The format of each weight -------------------===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

namespace ingot {
#define GEN_PASS_DEF_LLMASSIGNFORMATSPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmAssignFormats : ingot::impl::LlmAssignFormatsPassBase<LlmAssignFormats> {
  using LlmAssignFormatsPassBase::LlmAssignFormatsPassBase;
  void runOnOperation() override;
};
} // namespace

void LlmAssignFormats::runOnOperation() {
  if (quant != "keep" && quant != "f32") {
    getOperation().emitError("unknown quantisation '") << quant << "', expected keep or f32";
    return signalPassFailure();
  }
  for (WeightOp weight : getOperation().getOps<WeightOp>()) {
    WeightType type = weight.getWeightType();
    if (quant == "f32" || type.isVector())
      weight.setType(WeightType::get(&getContext(), type.getShape(), "f32"));
  }
}
