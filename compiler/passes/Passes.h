//===- Passes.h - All passes of Ingot -------------------------------------===//
#ifndef INGOT_COMPILER_PASSES_PASSES_H
#define INGOT_COMPILER_PASSES_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

#include <memory>
#include <string>

namespace ingot {
namespace llm {
class ModelOp;
} // namespace llm
namespace plan {
class ModelOp;
class PlanDialect;
} // namespace plan

#define GEN_PASS_DECL
#include "compiler/passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/passes/Passes.h.inc"

} // namespace ingot

#endif // INGOT_COMPILER_PASSES_PASSES_H
