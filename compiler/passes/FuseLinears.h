//===- FuseLinears.h - Several products of one input as one ---------------===//
#ifndef INGOT_COMPILER_PASSES_FUSELINEARS_H
#define INGOT_COMPILER_PASSES_FUSELINEARS_H

#include "dialects/llm/Llm.h"

#include "llvm/ADT/ArrayRef.h"

namespace ingot::llm {

/// True when the linears share their input and weight format, have no residual
/// and their weights are plain: not interleaved, and used by nobody else but
/// the same linears of another run.
bool canFuse(::llvm::ArrayRef<LinearOp> linears);

/// The linear of the fused weight, which stands before the first of `linears`;
/// its weight has all their sources. The caller replaces the linears.
LinearOp fuseLinears(ModelOp model, ::llvm::ArrayRef<LinearOp> linears, int64_t interleave);

/// Erases weights of `model` that nothing uses any more.
void eraseUnusedWeights(ModelOp model);

} // namespace ingot::llm

#endif // INGOT_COMPILER_PASSES_FUSELINEARS_H
