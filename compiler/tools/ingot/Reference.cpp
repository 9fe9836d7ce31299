//===- Reference.cpp - The interpreter as the judge of a compile ----------===//

#include "compiler/tools/ingot/Reference.h"

#include "codegen/kernels/KvLayout.h"
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

  /// Two right implementations differ by the rounding of sums. Where
  /// activations are quantised, a value that falls on the other side of a step
  /// moves by 1/127 of its group's largest; measured on SmolLM2-135M in
  /// docs/spec/validation.md.
  double klBound() const override {
    bool quantized = false;
    model().walk([&](mlir::Operation *op) {
      for (mlir::Type type : op->getResultTypes())
        quantized |= llvm::isa<llm::QuantizedType>(type);
    });
    return quantized || kind == KvKind::Q8 ? 1e-2 : 1e-5;
  }

  llvm::Expected<std::vector<float>> logits(llvm::ArrayRef<int32_t> ids) override {
    reference::Interpreter::Options options;
    options.kv = kind;
    reference::Interpreter interpreter(model(), *weights, options);
    llvm::Expected<reference::Rows> rows = interpreter.run(ids, /*position=*/0);
    if (!rows)
      return rows.takeError();
    return std::move(rows->data);
  }

  std::unique_ptr<WeightSource> owned;

private:
  llm::ModelOp model() const { return *module.get().getOps<llm::ModelOp>().begin(); }

  mlir::MLIRContext ir{mlir::MLIRContext::Threading::DISABLED};
  mutable mlir::OwningOpRef<mlir::ModuleOp> module;
  const WeightSource *weights;
  KvKind kind;
  int64_t contextPositions;
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
