//===- FuseLinears.cpp - Several products of one input as one -------------===//

#include "compiler/passes/FuseLinears.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

#include <algorithm>

using namespace mlir;

namespace ingot::llm {

static WeightOp weightOf(LinearOp linear) {
  return SymbolTable::lookupNearestSymbolFrom<WeightOp>(linear, linear.getWeightAttr());
}

bool canFuse(::llvm::ArrayRef<LinearOp> linears) {
  LinearOp front = linears.front();
  for (LinearOp linear : linears) {
    WeightOp weight = weightOf(linear);
    if (linear.getResidual() || linear.getInput() != front.getInput() ||
        linear->getBlock() != front->getBlock() || weight.getInterleave() ||
        weight.getWeightType().getFormat() != weightOf(front).getWeightType().getFormat())
      return false;
  }
  return true;
}

/// attn_q, attn_k -> attn_q_k; the words both have in common stay once.
static std::string fusedName(ModelOp model, ::llvm::ArrayRef<LinearOp> linears) {
  LinearOp front = linears.front();
  std::string name = front.getWeight().str();
  for (LinearOp linear : linears.drop_front()) {
    StringRef word = linear.getWeight();
    size_t at = word.rfind('_');
    name += "_" + word.substr(at == StringRef::npos ? 0 : at + 1).str();
  }
  std::string unique = name;
  for (int number = 2; model.lookupSymbol(unique); ++number)
    unique = name + "_" + std::to_string(number);
  return unique;
}

LinearOp fuseLinears(ModelOp model, ::llvm::ArrayRef<LinearOp> linears, int64_t interleave) {
  SmallVector<Attribute> sources;
  int64_t rows = 0, turns = 0;
  for (LinearOp linear : linears) {
    WeightOp weight = weightOf(linear);
    ::llvm::append_range(sources, weight.getSources());
    rows += weight.getWeightType().getRows();
    if (interleave)
      turns =
          std::max(turns, ::llvm::divideCeilSigned(weight.getWeightType().getRows(), interleave));
  }
  if (interleave)
    rows = turns * interleave * linears.size();

  LinearOp first = *std::min_element(linears.begin(), linears.end(),
                                     [](LinearOp a, LinearOp b) { return a->isBeforeInBlock(b); });
  WeightOp firstWeight = weightOf(first);
  MLIRContext *context = model.getContext();
  auto weightType = WeightType::get(context, {rows, firstWeight.getWeightType().getCols()},
                                    firstWeight.getWeightType().getFormat());
  OpBuilder builder(firstWeight);
  auto weight = WeightOp::create(builder, firstWeight.getLoc(), fusedName(model, linears),
                                 weightType, builder.getArrayAttr(sources), interleave);
  builder.setInsertionPoint(first);
  auto resultType = RankedTensorType::get({ShapedType::kDynamic, rows}, builder.getF32Type());
  return LinearOp::create(builder, first.getLoc(), resultType, first.getInput(),
                          FlatSymbolRefAttr::get(context, weight.getSymName()), Value());
}

void eraseUnusedWeights(ModelOp model) {
  ::llvm::StringSet<> used;
  model.walk([&](Operation *op) {
    if (auto symbol = op->getAttrOfType<FlatSymbolRefAttr>("weight"))
      used.insert(symbol.getValue());
  });
  for (WeightOp weight : ::llvm::make_early_inc_range(model.getOps<WeightOp>()))
    if (!used.contains(weight.getSymName()))
      weight.erase();
}

} // namespace ingot::llm
