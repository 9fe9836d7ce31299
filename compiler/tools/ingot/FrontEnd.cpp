//===- FrontEnd.cpp - Import, passes, emission, packing -------------------===//

#include "compiler/tools/ingot/FrontEnd.h"

#include "codegen/emit/Emit.h"
#include "codegen/emit/PackImage.h"
#include "codegen/formats/Format.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"
#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/BuildModule.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/QuantizedWeights.h"
#include "compiler/import/RandomWeights.h"
#include "compiler/import/ResolveModel.h"
#include "compiler/import/TensorNames.h"
#include "compiler/pipeline/Phase.h"
#include "compiler/tools/ingot/ModelFacts.h"
#include "compiler/tools/ingot/QuantizationReport.h"
#include "compiler/tools/ingot/Reference.h"
#include "compiler/tools/ingot/TokenizerFrontEnd.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;

namespace {

/// One compile's front end, step by step.
class FrontEndJob {
public:
  FrontEndJob(const CompileOptions &options, const FrontEndPaths &paths, Progress &progress)
      : options(options), paths(paths), progress(progress) {}

  llvm::Expected<EmittedModel> run();

private:
  llvm::Error import();
  llvm::Error runPasses();
  llvm::Error quantizeWeights();
  llvm::Error packWeights();
  llvm::Error emitSources();
  llvm::Error dump(const Phase &phase, size_t number);

  const CompileOptions &options;
  const FrontEndPaths &paths;
  Progress &progress;
  ModelSpec spec;
  std::string quant;
  std::unique_ptr<WeightSource> weights;
  QuantizedWeights *quantized = nullptr; ///< `weights`, where the compiler quantises
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  PackedImage image;
  ModelTable table;
  EmittedModel result;
};

} // namespace

llvm::Error FrontEndJob::import() {
  progress.begin("import");
  llvm::Expected<ModelSpec> resolved = resolveModel(options.model);
  if (!resolved)
    return resolved.takeError();
  spec = std::move(*resolved);
  if (!options.name.empty())
    spec.arch.name = options.name;
  if (options.context && *options.context > spec.arch.maxContext)
    return driverError(kExitUsage, "'--ctx' is " + llvm::Twine(*options.context) +
                                       ", expected at most the model's " +
                                       llvm::Twine(spec.arch.maxContext));
  if (options.randomSeed) {
    weights = makeRandomWeights(spec.arch, *options.randomSeed);
  } else {
    llvm::Expected<std::unique_ptr<WeightSource>> opened = openWeights(spec);
    if (!opened)
      return opened.takeError();
    weights = std::move(*opened);
  }
  bool quantizedSource = llvm::any_of(weights->tensors(), [](const TensorView &tensor) {
    return tensor.type != TensorType::F32 && tensor.type != TensorType::F16 &&
           tensor.type != TensorType::BF16;
  });
  quant = !options.quant.empty() ? options.quant : quantizedSource ? "keep" : "f32";
  std::vector<std::string> warnings;
  if (llvm::Error error = weights->checkIntegrity())
    return error;
  if (!options.randomSeed)
    for (const ExpectedTensor &expected : expectedTensors(spec.arch)) {
      const TensorView *tensor = weights->find(expected.name);
      if (!tensor) // buildModule says so, and what else is wrong with names and shapes
        continue;
      if (llvm::Error error = checkNumbers(*tensor, weights->path(), &warnings))
        return error;
      weights->release(*tensor);
    }
  for (const std::string &warning : warnings)
    progress.note(warning);
  progress.end();
  return llvm::Error::success();
}

llvm::Error FrontEndJob::dump(const Phase &phase, size_t number) {
  if (paths.irFolder.empty())
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream os(text);
  module->print(os);
  return writeFile(joinPath(paths.irFolder, std::to_string(number) + "-" + phase.name + ".mlir"),
                   text);
}

llvm::Error FrontEndJob::runPasses() {
  progress.begin("passes");
  std::vector<std::string> warnings;
  context.loadDialect<llm::LlmDialect, plan::PlanDialect>();
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> built =
      buildModule(context, spec.arch, *weights, &warnings);
  if (!built)
    return built.takeError();
  module = std::move(*built);
  for (const std::string &warning : warnings)
    progress.note(warning);

  PipelineOptions pipeline;
  pipeline.quant = quant;
  pipeline.kv = options.kv;
  pipeline.context = options.context.value_or(spec.arch.maxContext);
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    messages += (messages.empty() ? "" : "; ") + diagnostic.str();
    return mlir::success();
  });
  for (auto [number, phase] : llvm::enumerate(phases())) {
    if (failed(runPhase(phase, *module, pipeline)))
      return driverError(kExitUnsupported, "cannot compile '" + spec.arch.name + "' (" +
                                               phase.name + "): " + messages);
    if (llvm::Error error = dump(phase, number + 1))
      return error;
    if (llvm::StringRef(phase.name) == kFormatsPhase)
      if (llvm::Error error = quantizeWeights())
        return error;
    if (llvm::StringRef(phase.name) == kReferencePhase && options.validation != Validation::None)
      result.reference = makeReference(*module, *weights, options.kv, pipeline.context);
  }
  progress.end();
  return llvm::Error::success();
}

/// Puts a quantiser between the file and whoever reads weights, where formats
/// were assigned that the file does not have.
llvm::Error FrontEndJob::quantizeWeights() {
  llvm::StringMap<std::string> formats;
  module->walk([&](llm::WeightOp weight) {
    llvm::StringRef format = weight.getWeightType().getFormat();
    if (findFormat(std::string_view(format))->quantizes())
      for (mlir::Attribute source : weight.getSources())
        formats[llvm::cast<llm::SourceAttr>(source).getTensor()] = format.str();
  });
  if (formats.empty())
    return llvm::Error::success();
  llvm::Expected<std::unique_ptr<QuantizedWeights>> source = QuantizedWeights::create(
      std::move(weights), formats, paths.imagePath + ".rows", usableProcessors());
  if (!source)
    return source.takeError();
  quantized = source->get();
  weights = std::move(*source);
  return llvm::Error::success();
}

static plan::ModelOp planOf(mlir::ModuleOp module) {
  return *module.getOps<plan::ModelOp>().begin();
}

llvm::Error FrontEndJob::packWeights() {
  plan::ModelOp model = planOf(*module);
  progress.begin("weights", *model.getImageBytes());
  std::error_code status;
  llvm::raw_fd_ostream os(paths.imagePath, status);
  if (status)
    return systemError("create", paths.imagePath, status.value());
  llvm::Expected<PackedImage> packed =
      packImage(model, *weights, os, [&](uint64_t done) { progress.advance(done); });
  if (!packed)
    return packed.takeError();
  os.close();
  if (os.has_error()) {
    status = os.error();
    os.clear_error();
    return systemError("write", paths.imagePath, status.value());
  }
  image = *packed;
  progress.end();
  if (!quantized)
    return llvm::Error::success();
  if (llvm::Error error = quantized->takeError())
    return error;
  for (const std::string &line : quantizationSummary(quantized->errors()))
    progress.note(line);
  return llvm::Error::success();
}

llvm::Error FrontEndJob::emitSources() {
  progress.begin("emission");
  plan::ModelOp model = planOf(*module);
  result.modelYaml = writeArchitectureYaml(spec, paths.outputFolder);
  result.name = spec.arch.name;

  table = makeModelTable(options, spec, quant, model, image);
  llvm::Expected<TokenizerSources> tokenizer =
      emitTokenizer(spec, table.name, table.banner, progress);
  if (!tokenizer)
    return tokenizer.takeError();
  table.hasTokenizer = tokenizer->hasTokenizer;
  table.hasChat = tokenizer->hasChat;
  table.addBos = tokenizer->addBos;
  table.bos = tokenizer->bos;
  table.eos = tokenizer->eos;
  result.sentencePieceModel = tokenizer->sentencePieceModel;
  for (auto &[file, text] : tokenizer->sources)
    result.sources.push_back({file, text, {}});

  std::vector<KernelSpec> kernels;
  for (plan::KernelOp kernel : model.getOps<plan::KernelOp>())
    kernels.push_back(kernelSpecOf(kernel));
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    messages += (messages.empty() ? "" : "; ") + diagnostic.str();
    return mlir::success();
  });
  for (const Level *level : options.levels) {
    const std::string levelName(level->name);
    std::optional<std::string> text = emitLevelSource(model, table.name, levelName, table.banner);
    if (!text)
      return driverError(kExitUnsupported, "cannot emit '" + spec.arch.name + "': " + messages);
    result.sources.push_back({spec.arch.name + "_" + levelName + ".cpp",
                              std::move(*text),
                              {level->clangFlags.begin(), level->clangFlags.end()}});
    result.kernels.push_back({level, kernels});
    auto entries = llvm::make_filter_range(model.getOps<plan::FuncOp>(),
                                           [](plan::FuncOp func) { return func.getEntry(); });
    table.levels.push_back({levelName, std::string(level->usableSymbol),
                            std::distance(entries.begin(), entries.end())});
  }
  result.sources.push_back({spec.arch.name + "_model.cpp", emitModelSource(model, table), {}});
  if (!options.target->deviceSource.empty())
    result.sources.push_back(
        {spec.arch.name + "_device.c", std::string(options.target->deviceSource), {}});
  if (table.embedded)
    result.sources.push_back(
        {spec.arch.name + "_image" + imageSuffix(table), emitImage(table, "image.weights"), {}});
  result.header = emitHeader(table);
  result.weightsBytes = image.bytes;
  progress.end();
  return llvm::Error::success();
}

llvm::Expected<EmittedModel> FrontEndJob::run() {
  for (llvm::Error (FrontEndJob::*step)() : {&FrontEndJob::import, &FrontEndJob::runPasses,
                                             &FrontEndJob::packWeights, &FrontEndJob::emitSources})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  describeModel(result.report, spec.arch, planOf(*module), table);
  if (quantized)
    describeQuantization(result.report, quantized->errors());
  if (result.reference)
    keepAlive(*result.reference, std::move(weights));
  return std::move(result);
}

llvm::Expected<EmittedModel> ingot::runFrontEnd(const CompileOptions &options,
                                                const FrontEndPaths &paths, Progress &progress) {
  return FrontEndJob(options, paths, progress).run();
}
