//===- main.cpp - ingot-opt: passes on textual IR -------------------------===//
//
// mlir-opt with the dialects and passes of Ingot: every phase of the compiler
// can be started from and stopped at in text.
//
//===----------------------------------------------------------------------===//

#include "compiler/passes/Passes.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<ingot::llm::LlmDialect, ingot::plan::PlanDialect>();
  registry.insert<mlir::func::FuncDialect>(); // tests declare functions to name types

  ingot::registerIngotPasses();
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerSymbolDCEPass();

  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "The passes and dialects of Ingot\n", registry));
}
