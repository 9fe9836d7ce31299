//===- PlanLayoutImage.cpp - The order of weights in the image ------------===//

#include "codegen/formats/Format.h"
#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

namespace ingot {
#define GEN_PASS_DEF_PLANLAYOUTIMAGEPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

namespace {
struct PlanLayoutImage : ingot::impl::PlanLayoutImagePassBase<PlanLayoutImage> {
  void runOnOperation() override;

private:
  void collectUses(FuncOp func, llvm::SetVector<WeightOp> &order);
  std::optional<int64_t> packedBytes(WeightOp weight);
};

/// Weights begin at a cache line, so that a packed row block never shares one
/// with its neighbour and vectors load aligned.
constexpr int64_t kAlignment = 64;
/// The image ends at a page, so that mapping it maps nothing else.
constexpr int64_t kPage = 4096;
} // namespace

void PlanLayoutImage::collectUses(FuncOp func, llvm::SetVector<WeightOp> &order) {
  ModelOp model = getOperation();
  func.getBody().walk([&](Operation *op) {
    if (auto address = dyn_cast<AddressOp>(op)) {
      if (auto weight = model.lookupSymbol<WeightOp>(address.getSymbolAttr()))
        order.insert(weight);
    } else if (auto call = dyn_cast<CallOp>(op)) {
      collectUses(model.lookupSymbol<FuncOp>(call.getCalleeAttr()), order);
    }
  });
}

std::optional<int64_t> PlanLayoutImage::packedBytes(WeightOp weight) {
  auto type = cast<llm::WeightType>(weight.getType());
  if (type.getShape().size() == 1) // a vector is plain f32
    return type.getShape().front() * static_cast<int64_t>(sizeof(float));
  const Format *format = findFormat(type.getFormat());
  if (!format) {
    weight.emitError("has the format '") << type.getFormat() << "', which has no packed layout";
    return std::nullopt;
  }
  return llvm::divideCeil(type.getShape()[0], kRowBlock) *
         static_cast<int64_t>(format->packedBlockBytes(type.getShape()[1]));
}

void PlanLayoutImage::runOnOperation() {
  ModelOp model = getOperation();
  // Decode is the entry whose speed is the order of its reads, so it decides;
  // weights that only other entries use follow.
  llvm::SetVector<WeightOp> order;
  for (FuncOp func : model.getOps<FuncOp>())
    if (func.getEntry())
      collectUses(func, order);
  for (WeightOp weight : llvm::make_early_inc_range(model.getOps<WeightOp>()))
    if (!order.contains(weight))
      weight.erase();

  Builder builder(&getContext());
  int64_t offset = 0;
  Operation *last = nullptr;
  for (WeightOp weight : order) {
    std::optional<int64_t> bytes = packedBytes(weight);
    if (!bytes)
      return signalPassFailure();
    weight.setOffsetAttr(builder.getI64IntegerAttr(offset));
    weight.setBytesAttr(builder.getI64IntegerAttr(*bytes));
    offset = llvm::alignTo(offset + *bytes, kAlignment);
    // Textual order follows the image, so a reader and the packer walk it once.
    if (last)
      weight->moveAfter(last);
    else
      weight->moveBefore(&model.getBody().front(), model.getBody().front().begin());
    last = weight;
  }
  model.setImageBytesAttr(builder.getI64IntegerAttr(llvm::alignTo(offset, kPage)));
}
