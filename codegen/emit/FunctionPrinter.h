//===- FunctionPrinter.h - One plan.func as one C++ function --------------===//
#ifndef INGOT_CODEGEN_EMIT_FUNCTIONPRINTER_H
#define INGOT_CODEGEN_EMIT_FUNCTIONPRINTER_H

#include "codegen/Kernel.h"
#include "dialects/plan/Plan.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <string>

namespace ingot {

/// The kernels of a model by symbol: spec and signature, resolved once.
struct ResolvedKernel {
  KernelSpec spec;
  KernelSignature signature;
};
using KernelMap = std::map<std::string, ResolvedKernel>;

/// Prints functions of `model`. Every function takes the step, the thread and
/// the team's size, then the slot where it uses one, then its buffers.
class FunctionPrinter {
public:
  FunctionPrinter(llvm::raw_ostream &os, plan::ModelOp model, const KernelMap &kernels)
      : os(os), model(model), kernels(kernels) {}

  mlir::LogicalResult print(plan::FuncOp func);

private:
  void printHead(plan::FuncOp func);
  void printBuffer(plan::BufferOp buffer);
  void printShares(plan::FuncOp func);
  mlir::LogicalResult printLaunch(plan::LaunchOp launch);
  void printAttend(plan::AttendOp attend);
  void printCopy(plan::CopyOp copy);
  void printCall(plan::CallOp call);
  void printPrefetch(plan::PrefetchOp prefetch);

  /// The C++ name of the value; weights and tables become expressions.
  std::string nameOf(mlir::Value value);
  /// Text of the scalar `name` of a kernel launched with `split`.
  std::string scalar(llvm::StringRef name, plan::SplitAttr split);
  /// The variable that holds the thread's share of `split`.
  std::string shareOf(plan::SplitAttr split);
  std::string uniqueName(llvm::StringRef wanted);

  llvm::raw_ostream &os;
  plan::ModelOp model;
  const KernelMap &kernels;
  llvm::DenseMap<mlir::Value, std::string> names;
  llvm::StringMap<unsigned> taken;
};

} // namespace ingot

#endif // INGOT_CODEGEN_EMIT_FUNCTIONPRINTER_H
