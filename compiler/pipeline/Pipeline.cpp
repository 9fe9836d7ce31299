//===- Pipeline.cpp - Which passes make up which phase --------------------===//

#include "compiler/passes/Passes.h"
#include "compiler/pipeline/Phase.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

using namespace mlir;

namespace ingot {

static void populateFormats(OpPassManager &passes, const PipelineOptions &options) {
  LlmAssignFormatsPassOptions formats;
  formats.quant = options.quant;
  OpPassManager &nested = passes.nest<llm::ModelOp>();
  nested.addPass(createLlmAssignFormatsPass(formats));
  nested.addPass(createLlmCanonicalizeRopePass());
}

static void populateFusion(OpPassManager &passes, const PipelineOptions &options) {
  LlmQuantizeActivationsPassOptions activations;
  activations.perToken = options.quant == "q8"; // W8A8 as MobileLLM has it
  OpPassManager &nested = passes.nest<llm::ModelOp>();
  nested.addPass(createLlmFuseQkvPass());
  nested.addPass(createLlmFuseGateUpPass());
  nested.addPass(createLlmFuseResidualPass());
  nested.addPass(createLlmQuantizeActivationsPass(activations));
  nested.addPass(createLlmFuseQuantizePass());
}

static void populateConversion(OpPassManager &passes, const PipelineOptions &options) {
  ConvertLlmToPlanPassOptions conversion;
  conversion.maxRows.assign(options.maxRows.begin(), options.maxRows.end());
  conversion.kvFormat = options.kv;
  conversion.context = options.context;
  passes.addPass(createConvertLlmToPlanPass(conversion));
}

static void populatePlan(OpPassManager &passes, const PipelineOptions &) {
  OpPassManager &nested = passes.nest<plan::ModelOp>();
  nested.addPass(createPlanPlaceBarriersPass());
  nested.addPass(createPlanAssignArenaPass());
  nested.addPass(createPlanLayoutImagePass());
  nested.addPass(createPlanPrefetchPass());
  nested.addPass(createPlanVerifyPass());
}

std::span<const Phase> phases() {
  static constexpr Phase list[] = {
      {kFormatsPhase, "every weight has the format it will be packed in; rope is interleaved",
       populateFormats},
      {kReferencePhase,
       "q, k, v and gate, up are one product each, residuals are added in epilogues, inputs of "
       "quantised products are quantised by their producers",
       populateFusion},
      {"plan-launches", "every op is a launch of a kernel with a split over threads",
       populateConversion},
      {"plan-final",
       "barriers stand exactly where data crosses threads, every buffer and weight has an address",
       populatePlan},
  };
  return list;
}

LogicalResult runPhase(const Phase &phase, ModuleOp module, const PipelineOptions &options) {
  PassManager passes(module.getContext(), ModuleOp::getOperationName());
  passes.enableVerifier(true);
  phase.populate(passes, options);
  return passes.run(module);
}

} // namespace ingot
