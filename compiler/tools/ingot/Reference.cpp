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
  double klBound() const override { return hasSteps() ? kSteps : kFloats; }

  llvm::Expected<double> klBoundOfRounding() override {
    if (!hasSteps())
      return kFloats;
    for (; nudged < asked.size(); ++nudged)
      if (llvm::Error error = nudge(asked[nudged].first, asked[nudged].second))
        return std::move(error);
    return std::max(kSteps, kNudges * movedBy / double(std::max<int64_t>(moved, 1)));
  }

  llvm::Expected<std::vector<float>> logits(llvm::ArrayRef<int32_t> ids) override {
    llvm::Expected<reference::Rows> rows = interpret(ids, /*nudge=*/0);
    if (!rows)
      return rows.takeError();
    std::vector<float> data = rows->data;
    asked.emplace_back(std::vector<int32_t>(ids.begin(), ids.end()), std::move(*rows));
    return data;
  }

  std::unique_ptr<WeightSource> owned;

private:
  llvm::Expected<reference::Rows> interpret(llvm::ArrayRef<int32_t> ids, float nudge) {
    reference::Interpreter::Options options;
    options.kv = kind;
    options.nudge = nudge;
    return reference::Interpreter(model(), *weights, options).run(ids, /*position=*/0);
  }

  /// Whether anything is rounded to the steps of 8 bits: activations, or keys and values.
  bool hasSteps() const {
    bool found = kind == KvKind::Q8;
    model().walk([&](mlir::Operation *op) {
      for (mlir::Type type : op->getResultTypes())
        found |= llvm::isa<llm::QuantizedType>(type);
    });
    return found;
  }

  /// Where there are steps, a value that falls on the other side of one moves everything behind it.
  llvm::Error nudge(llvm::ArrayRef<int32_t> ids, const reference::Rows &rows) {
    llvm::Expected<reference::Rows> other = interpret(ids, /*nudge=*/0x1p-20f);
    if (!other)
      return other.takeError();
    for (int64_t row = 0; row < rows.rows; ++row, ++moved)
      movedBy += compareLogits({rows.row(row).data(), rows.row(row).size()},
                               {other->row(row).data(), other->row(row).size()})
                     .kl;
    return llvm::Error::success();
  }

  llm::ModelOp model() const { return *module.get().getOps<llm::ModelOp>().begin(); }

  mlir::MLIRContext ir{mlir::MLIRContext::Threading::DISABLED};
  mutable mlir::OwningOpRef<mlir::ModuleOp> module;
  const WeightSource *weights;
  KvKind kind;
  int64_t contextPositions;

  static constexpr double kFloats = 1e-5, kSteps = 1e-2;
  /// Two right implementations may be this many times as far apart as the
  /// reference is from itself after a nudge.
  static constexpr double kNudges = 4;
  std::vector<std::pair<std::vector<int32_t>, reference::Rows>> asked;
  size_t nudged = 0;  ///< how many of them
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
