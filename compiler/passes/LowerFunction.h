//===- LowerFunction.h - Ops of llm as launches of kernels ----------------===//
//
// Lowers the ops of one block, or of the head, into one plan.func for steps of
// up to `maxRows` rows. With one row, what a norm or quantisation needs of the
// whole vector is computed by every thread for itself, which is cheaper than a
// barrier; with many rows it is shared out.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_PASSES_LOWERFUNCTION_H
#define INGOT_COMPILER_PASSES_LOWERFUNCTION_H

#include "codegen/Kernel.h"
#include "codegen/kernels/KvLayout.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseMap.h"

#include <map>

namespace ingot {

/// What all functions of one model share while they are lowered.
struct LoweringContext {
  plan::ModelOp model;
  KvKind kvKind;
  int64_t context; ///< positions of a slot, a multiple of kKvBlock

  /// The plan.kernel of that spec, made on first use.
  mlir::FlatSymbolRefAttr kernel(const KernelSpec &spec, mlir::Location loc);
  std::map<KernelSpec, mlir::FlatSymbolRefAttr> kernels;
};

class FunctionLowering {
public:
  FunctionLowering(LoweringContext &shared, mlir::OpBuilder builder, int64_t maxRows)
      : shared(shared), builder(builder), maxRows(maxRows) {}

  /// The buffer that holds `value`.
  void bind(mlir::Value value, mlir::Value buffer) { buffers[value] = {buffer}; }
  mlir::Value bufferOf(mlir::Value value) { return buffers.lookup(value).front(); }
  /// The rotation angles of the step's rows, which ropes and stores read.
  void setAngles(mlir::Value value) { angles = value; }

  mlir::Value makeBuffer(mlir::StringRef name, int64_t rows, int64_t cols, mlir::Type element,
                         plan::Space space, mlir::Location loc);

  mlir::LogicalResult lower(mlir::Operation *op);

private:
  /// A float value is one buffer; a quantised one is q, scale and sum.
  using Buffers = llvm::SmallVector<mlir::Value, 3>;

  mlir::LogicalResult lowerNorm(llm::RmsNormOp op);
  mlir::LogicalResult lowerQuantize(llm::QuantizeOp op);
  mlir::LogicalResult lowerLinear(llm::LinearOp op);
  mlir::LogicalResult lowerLogits(llm::LogitsOp op);
  mlir::LogicalResult lowerSwiglu(llm::SwigluInterleavedOp op);
  mlir::LogicalResult lowerAttention(llm::AttentionOp op);
  mlir::LogicalResult lowerStores(llm::AttentionOp op, llm::LinearOp qkv, const Buffers &queries,
                                  mlir::Value keys, mlir::Value values);
  void lowerAttend(llm::AttentionOp op, const Buffers &queries, mlir::Value keys,
                   mlir::Value values);
  Buffers makeQueries(llm::AttentionOp op);

  /// The launch of a product y = W x (+ y), the units given.
  mlir::LogicalResult launchProduct(mlir::Operation *op, mlir::Value input,
                                    mlir::FlatSymbolRefAttr weight, mlir::Value output, bool add,
                                    plan::SplitAttr split);
  void launch(const KernelSpec &spec, plan::SplitAttr split, mlir::ValueRange ins,
              mlir::ValueRange outs, llvm::ArrayRef<plan::Access> access, mlir::Location loc);

  /// Where a value goes that every thread may compute for itself.
  plan::Space wholeSpace() const {
    return maxRows == 1 ? plan::Space::scratch : plan::Space::shared;
  }
  plan::SplitAttr wholeSplit();
  /// More than one row, but fewer than the tiles of many rows hold.
  bool hasFewRows() const { return maxRows > 1 && maxRows < 8; }
  plan::Access wholeAccess() const { return maxRows == 1 ? plan::Access::all : plan::Access::own; }
  /// Buffers for `value`, which the caller's launch will write.
  Buffers makeResult(mlir::StringRef name, mlir::Value value, plan::Space space);
  /// The launch of a kernel that works on whole token rows.
  void launchRows(KernelSpec spec, llvm::ArrayRef<mlir::Value> ins, mlir::Value result,
                  mlir::StringRef name, mlir::Location loc);
  mlir::Value address(mlir::FlatSymbolRefAttr symbol, mlir::Location loc);

  LoweringContext &shared;
  mlir::OpBuilder builder;
  int64_t maxRows;
  llvm::DenseMap<mlir::Value, Buffers> buffers;
  mlir::Value angles;
};

} // namespace ingot

#endif // INGOT_COMPILER_PASSES_LOWERFUNCTION_H
