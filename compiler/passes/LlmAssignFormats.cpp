//===- LlmAssignFormats.cpp - The format of each weight -------------------===//

#include "codegen/formats/Format.h"
#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"

#include "llvm/ADT/SmallPtrSet.h"

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

/// Weights that an embedding or the head reads.
static ::llvm::SmallPtrSet<Operation *, 2> vocabularyWeights(ModelOp model) {
  ::llvm::SmallPtrSet<Operation *, 2> found;
  model.walk([&](Operation *op) {
    if (isa<EmbeddingOp, LogitsOp>(op))
      found.insert(model.lookupSymbol(op->getAttrOfType<FlatSymbolRefAttr>("weight")));
  });
  return found;
}

/// The format that `quant` gives a matrix.
static StringRef formatOf(StringRef quant, StringRef found, bool ofVocabulary) {
  return quant == "keep"                 ? found
         : quant == "f32"                ? "f32"
         : quant == "q8" || ofVocabulary ? "q8r"
                                         : "q4r";
}

void LlmAssignFormats::runOnOperation() {
  if (quant != "keep" && quant != "f32" && quant != "q8" && quant != "q4") {
    getOperation().emitError("unknown quantisation '")
        << quant << "', expected keep, f32, q8 or q4";
    return signalPassFailure();
  }
  auto vocabulary = vocabularyWeights(getOperation());
  for (WeightOp weight : getOperation().getOps<WeightOp>()) {
    WeightType type = weight.getWeightType();
    StringRef format =
        type.isVector() ? "f32" : formatOf(quant, type.getFormat(), vocabulary.contains(weight));
    int64_t group = findFormat(std::string_view(format))->group();
    if (type.getShape().back() % group) {
      weight.emitError("weight '")
          << weight.getSymName() << "' has " << type.getShape().back()
          << " columns, expected a multiple of " << group << " for '" << quant << "'";
      return signalPassFailure();
    }
    weight.setType(WeightType::get(&getContext(), type.getShape(), format));
  }
}
