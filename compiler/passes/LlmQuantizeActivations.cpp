//===- LlmQuantizeActivations.cpp - 8-bit inputs of quantised products ----===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

namespace ingot {
#define GEN_PASS_DEF_LLMQUANTIZEACTIVATIONSPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

namespace {
struct LlmQuantizeActivations
    : ingot::impl::LlmQuantizeActivationsPassBase<LlmQuantizeActivations> {
  using LlmQuantizeActivationsPassBase::LlmQuantizeActivationsPassBase;
  void runOnOperation() override;

private:
  /// The quantised form of a product's input.
  Value quantized(OpBuilder &builder, Value input, WeightType weight, Location loc);

  /// What was quantised already, so that every value is quantised once.
  ::llvm::DenseMap<std::pair<Value, Type>, Value> known;
};
} // namespace

Value LlmQuantizeActivations::quantized(OpBuilder &builder, Value input, WeightType weight,
                                        Location loc) {
  int64_t cols = cast<RankedTensorType>(input.getType()).getDimSize(1);
  bool tokenWise = perToken && weight.takesTokenScale();
  auto type = QuantizedType::get(&getContext(), cols, tokenWise ? cols : QuantizedType::kGroup);
  Value &result = known[{input, type}];
  if (!result) {
    builder.setInsertionPointAfterValue(input);
    result = QuantizeOp::create(builder, loc, type, input);
  }
  return result;
}

void LlmQuantizeActivations::runOnOperation() {
  known.clear();
  OpBuilder builder(&getContext());
  getOperation().walk([&](Operation *op) {
    if (!isa<LinearOp, LogitsOp>(op))
      return;
    auto symbol = op->getAttrOfType<FlatSymbolRefAttr>("weight");
    auto weight = getOperation().lookupSymbol<WeightOp>(symbol);
    OpOperand &input = op->getOpOperand(0);
    if (weight.getWeightType().isQuantized() && isa<RankedTensorType>(input.get().getType()))
      input.set(quantized(builder, input.get(), weight.getWeightType(), op->getLoc()));
  });
}
