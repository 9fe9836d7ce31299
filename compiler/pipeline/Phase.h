//===- Phase.h - The phases of the compiler -------------------------------===//
//
// The road from the imported model to a plan that can be emitted. Each phase
// is a list of passes with a postcondition in one sentence; the module can be
// dumped after each (`ingot compile --emit=mlir`) and each pass runs alone in
// ingot-opt.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_PIPELINE_PHASE_H
#define INGOT_COMPILER_PIPELINE_PHASE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ingot {

/// What the passes must know of the user's wishes.
struct PipelineOptions {
  std::string quant = "keep"; ///< "keep", "f32", "q8" or "q4"
  std::string kv = "f16";     ///< element format of the KV cache
  int64_t context = 0;        ///< positions of a slot; 0: the model's
  /// Rows of each entry, ascending: a token; a short draft of prompt lookup, which
  /// costs little more than a token as long as its products hide behind the
  /// reading of the weights; a chunk of a prompt.
  std::vector<int64_t> maxRows = {1, 4, 128};
};

/// One phase.
struct Phase {
  const char *name;          ///< of its dump: "llm-fused"
  const char *postcondition; ///< what holds after it
  void (*populate)(mlir::OpPassManager &passes, const PipelineOptions &options);
};

/// All phases, in order.
std::span<const Phase> phases();

/// The phase after which every weight has its format.
inline constexpr const char *kFormatsPhase = "llm-formats";

/// The phase after which the reference interpreter reads the model: the last
/// one on the llm dialect.
inline constexpr const char *kReferencePhase = "llm-fused";

/// Runs one phase. Diagnostics go to the context's handler.
mlir::LogicalResult runPhase(const Phase &phase, mlir::ModuleOp module,
                             const PipelineOptions &options);

} // namespace ingot

#endif // INGOT_COMPILER_PIPELINE_PHASE_H
