//===- Reference.cpp - The interpreter as the judge of a compile ----------===//

#include "compiler/tools/ingot/Reference.h"

#include "codegen/kernels/KvLayout.h"
#include "compiler/driver/Validate.h"
#include "dialects/llm/Llm.h"
#include "dialects/llm/reference/Interpreter.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

using namespace ingot;

namespace {

class InterpretedLogits : public ReferenceLogits {
public:
  /// The module is carried over as text, into a context of its own: it outlives
  /// the front end.
  InterpretedLogits(const std::string &moduleText, const WeightSource &weights, llvm::StringRef kv,
                    int64_t context)
      : weights(&weights), contextPositions(context) {
    ir.loadDialect<llm::LlmDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(moduleText, &ir);
    kind = kv == "q8" ? KvKind::Q8 : kv == "f32" ? KvKind::F32 : KvKind::F16;
  }

  int64_t vocabulary() const override {
    auto forward = *model().getOps<llm::ForwardOp>().begin();
    auto logits = llvm::cast<llm::ReturnOp>(forward.getBody().front().getTerminator()).getValue();
    return llvm::cast<mlir::RankedTensorType>(logits.getType()).getDimSize(1);
  }
  int64_t context() const override { return contextPositions; }

  /// docs/spec/validation.md has the reasons and measurements.
  double klBound() const override {
    bool quantized = false;
    model().walk([&](mlir::Operation *op) {
      for (mlir::Type type : op->getResultTypes())
        quantized |= llvm::isa<llm::QuantizedType>(type);
    });
    if (!quantized && kind != KvKind::Q8)
      return 1e-5;
    return std::max(1e-2, kNudges * movedBy / double(std::max<int64_t>(moved, 1)));
  }

  llvm::Expected<std::vector<float>> logits(llvm::ArrayRef<int32_t> ids) override {
    llvm::Expected<reference::Rows> rows = interpret(ids, /*nudge=*/0);
    if (!rows)
      return rows.takeError();
    if (tokenWise())
      if (llvm::Error error = measureNudge(ids, *rows))
        return std::move(error);
    return std::move(rows->data);
  }

  std::unique_ptr<WeightSource> owned;

private:
  llvm::Expected<reference::Rows> interpret(llvm::ArrayRef<int32_t> ids, float nudge) {
    reference::Interpreter::Options options;
    options.kv = kind;
    options.nudge = nudge;
    return reference::Interpreter(model(), *weights, options).run(ids, /*position=*/0);
  }

  /// With one scale a token a step of the activations is so coarse that a value
  /// which falls on its other side moves everything behind it.
  bool tokenWise() const {
    bool found = false;
    model().walk([&](llm::QuantizeOp op) { found |= op.getResult().getType().isTokenWise(); });
    return found;
  }

  llvm::Error measureNudge(llvm::ArrayRef<int32_t> ids, const reference::Rows &rows) {
    llvm::Expected<reference::Rows> nudged = interpret(ids, /*nudge=*/0x1p-20f);
    if (!nudged)
      return nudged.takeError();
    for (int64_t row = 0; row < rows.rows; ++row, ++moved)
      movedBy += compareLogits({rows.row(row).data(), rows.row(row).size()},
                               {nudged->row(row).data(), nudged->row(row).size()})
                     .kl;
    return llvm::Error::success();
  }

  llm::ModelOp model() const { return *module.get().getOps<llm::ModelOp>().begin(); }

  mlir::MLIRContext ir{mlir::MLIRContext::Threading::DISABLED};
  mutable mlir::OwningOpRef<mlir::ModuleOp> module;
  const WeightSource *weights;
  KvKind kind;
  int64_t contextPositions;

  /// Two right implementations may be this many times as far apart as the
  /// reference is from itself after a nudge.
  static constexpr double kNudges = 4;
  double movedBy = 0; ///< divergence after a nudge, summed over `moved` rows
  int64_t moved = 0;
};

} // namespace

std::unique_ptr<ReferenceLogits> ingot::makeReference(mlir::ModuleOp module,
                                                      const WeightSource &weights,
                                                      llvm::StringRef kv, int64_t context) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return std::make_unique<InterpretedLogits>(text, weights, kv, context);
}

void ingot::keepAlive(ReferenceLogits &reference, std::unique_ptr<WeightSource> weights) {
  static_cast<InterpretedLogits &>(reference).owned = std::move(weights);
}
