//===- Reference.h - The interpreter as the judge of a compile --*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_REFERENCE_H
#define INGOT_COMPILER_TOOLS_INGOT_REFERENCE_H

#include "compiler/driver/Validate.h"
#include "compiler/import/WeightSource.h"

#include "mlir/IR/BuiltinOps.h"

#include <memory>

namespace ingot {

/// The reference of the llm.model in `module`, of which it keeps a copy, with a
/// KV cache of format `kv`. `weights` must live as long: see keepAlive.
std::unique_ptr<ReferenceLogits> makeReference(mlir::ModuleOp module, const WeightSource &weights,
                                               llvm::StringRef kv, int64_t context);

/// Hands the weights that `reference` reads over to it.
void keepAlive(ReferenceLogits &reference, std::unique_ptr<WeightSource> weights);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_REFERENCE_H
