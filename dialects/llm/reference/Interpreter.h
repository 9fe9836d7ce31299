//===- Interpreter.h - Running an llm.model by its definition -------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_INTERPRETER_H
#define INGOT_DIALECTS_LLM_REFERENCE_INTERPRETER_H

#include "compiler/import/WeightSource.h"
#include "dialects/llm/Llm.h"
#include "dialects/llm/reference/Ops.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <map>

namespace ingot::reference {

/// Runs a verified model of the llm dialect, before or after any of its passes:
/// block by block over all rows, one weight matrix at a time.
class Interpreter {
public:
  struct Options {
    KvKind kv = KvKind::F32; ///< the KV type of the code it is compared with
    /// Multiplies the embedding's odd columns by 1 + nudge: how far the logits
    /// then move says how far rounding alone may move them.
    float nudge = 0;
    /// Told of every float result, with the KV slot of the run it belongs to,
    /// -1 outside of blocks.
    std::function<void(mlir::Operation *op, int64_t slot, const Rows &result)> observe;
  };

  /// `model` and `weights` must outlive the interpreter.
  Interpreter(llm::ModelOp model, const WeightSource &weights, Options options);

  /// Feeds `tokens` at [position, position + tokens.size()) and returns the
  /// logits of all of them. Positions before `position` were fed by earlier
  /// calls; feeding a position again forgets what came after it.
  llvm::Expected<Rows> run(llvm::ArrayRef<int32_t> tokens, int64_t position);

private:
  struct Frame;

  llvm::Error runBody(mlir::Region &body, Frame &frame);
  llvm::Error runOp(mlir::Operation *op, Frame &frame);
  llvm::Error runCall(llm::CallOp call, Frame &frame);
  llvm::Error runAttention(llm::AttentionOp op, Frame &frame);
  llvm::Error runEmbedding(llm::EmbeddingOp op, Frame &frame);
  llvm::Error runRmsNorm(llm::RmsNormOp op, Frame &frame);
  llvm::Error runProduct(mlir::Value input, mlir::FlatSymbolRefAttr weight, mlir::Value residual,
                         mlir::Value result, Frame &frame);

  llm::ModelOp model;
  const WeightSource &weights;
  Options options;
  llvm::ArrayRef<int32_t> tokens; ///< of the step that runs
  int64_t position = 0;           ///< of its first row
  int64_t fed = 0;                ///< positions that the slots hold
  std::map<int64_t, KvSlot> slots;
};

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_INTERPRETER_H
