//===- BuildModule.h - From an architecture to the llm dialect ------------===//
#ifndef INGOT_COMPILER_IMPORT_BUILDMODULE_H
#define INGOT_COMPILER_IMPORT_BUILDMODULE_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// A module with the one llm.model that `arch` describes, in the plain form
/// that every pass starts from: a weight for each tensor, a block for each
/// distinct block, a call for each run.
///
/// A weight has the format of its tensor; norms, and bf16, which is no format,
/// become f32. A tied head names the embedding's weight. The tensors are
/// checked against `arch` first (checkTensors, which fills `warnings`); their
/// bytes are not touched.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
buildModule(mlir::MLIRContext &context, const ArchSpec &arch, const WeightSource &weights,
            std::vector<std::string> *warnings = nullptr);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_BUILDMODULE_H
