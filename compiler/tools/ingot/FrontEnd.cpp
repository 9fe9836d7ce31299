//===- FrontEnd.cpp - Import, passes, emission, packing -------------------===//

#include "compiler/tools/ingot/FrontEnd.h"

#include "codegen/emit/Emit.h"
#include "codegen/emit/PackImage.h"
#include "codegen/kernels/KvLayout.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/Sha256.h"
#include "compiler/import/ArchitectureYaml.h"
#include "compiler/import/BuildModule.h"
#include "compiler/import/CheckTensors.h"
#include "compiler/import/RandomWeights.h"
#include "compiler/import/ResolveModel.h"
#include "compiler/pipeline/Phase.h"
#include "compiler/tools/ingot/Reference.h"
#include "compiler/tools/ingot/TokenizerFrontEnd.h"
#include "dialects/llm/Llm.h"
#include "dialects/plan/Plan.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

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
  llvm::Error packWeights();
  llvm::Error emitSources();
  void describe();

  std::string banner() const;
  llvm::Error dump(const Phase &phase, size_t number);

  const CompileOptions &options;
  const FrontEndPaths &paths;
  Progress &progress;
  ModelSpec spec;
  std::string quant;
  std::unique_ptr<WeightSource> weights;
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
  PackedImage image;
  ModelTable table;
  EmittedModel result;
};

} // namespace

static int64_t roundedContext(int64_t positions) {
  return (positions + kKvBlock - 1) / kKvBlock * kKvBlock;
}

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
  if (quant != "keep" && quant != "f32")
    return driverError(kExitUnsupported, "'--quant " + quant +
                                             "' needs a quantiser, which this version has not; "
                                             "use keep or f32");
  std::vector<std::string> warnings;
  if (!options.randomSeed)
    for (const TensorView &tensor : weights->tensors()) {
      if (llvm::Error error = checkNumbers(tensor, weights->path(), &warnings))
        return error;
      weights->release(tensor);
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
      return driverError(kExitUnsupported,
                         "cannot compile '" + spec.arch.name + "' (" + phase.name + "): " + messages);
    if (llvm::Error error = dump(phase, number + 1))
      return error;
    if (llvm::StringRef(phase.name) == kReferencePhase && options.validation != Validation::None)
      result.reference = makeReference(*module, *weights, options.kv, pipeline.context);
  }
  progress.end();
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
  return llvm::Error::success();
}

/// Compiler version and every option that decides the output, in one line.
std::string FrontEndJob::banner() const {
  std::string levels;
  for (const Level *level : options.levels)
    levels += (levels.empty() ? "" : ",") + std::string(level->name);
  return "ingot " + std::string(kVersion) + ": " + spec.arch.name + " --target " +
         std::string(options.target->name) + " --cpu " + levels + " --quant " + quant + " --kv " +
         options.kv + " --ctx " +
         std::to_string(options.context.value_or(spec.arch.maxContext)) + " --weights " +
         (options.sidecar ? "sidecar" : "embed") +
         (options.randomSeed ? " --weights-from random:" + std::to_string(*options.randomSeed) : "");
}

/// Bytes of the image that one decode step reads: every weight that its launches name, the
/// embedding only by a row.
static uint64_t bytesPerToken(plan::ModelOp model) {
  uint64_t total = 0;
  for (plan::FuncOp entry : model.getOps<plan::FuncOp>()) {
    if (!entry.getEntry() || entry.getMaxRows() != 1)
      continue;
    for (plan::CallOp call : entry.getBody().getOps<plan::CallOp>())
      model.lookupSymbol<plan::FuncOp>(call.getCalleeAttr())
          .getBody()
          .walk([&](plan::AddressOp address) {
            if (auto weight = model.lookupSymbol<plan::WeightOp>(address.getSymbolAttr()))
              total += *weight.getBytes();
          });
    total += entry.getBody()
                 .getOps<plan::LaunchOp>()
                 .empty()
                 ? 0
                 : model.getHiddenSize();
  }
  return total;
}

static std::string rawBytes(llvm::ArrayRef<uint8_t> bytes) {
  return std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

llvm::Error FrontEndJob::emitSources() {
  progress.begin("emission");
  plan::ModelOp model = planOf(*module);
  result.modelYaml = writeArchitectureYaml(spec, paths.outputFolder);
  result.name = spec.arch.name;

  table.name = spec.arch.name;
  std::replace(table.name.begin(), table.name.end(), '-', '_');
  table.target = options.target->name;
  table.banner = banner();
  table.blocks = spec.arch.numLayers;
  table.maxContext = roundedContext(options.context.value_or(spec.arch.maxContext));
  const KvKind kind = options.kv == "q8"    ? KvKind::Q8
                      : options.kv == "f32" ? KvKind::F32
                                            : KvKind::F16;
  table.kvBytesPerPosition =
      spec.arch.numRuns() *
      KvLayout(kind, spec.arch.numKvHeads, spec.arch.headDim).bytesPerPosition();
  table.weightsBytes = image.bytes;
  table.weightsReadPerToken = bytesPerToken(model);
  table.weightsHash = rawBytes(image.hash);
  table.embedded = !options.sidecar;

  llvm::Expected<TokenizerSources> tokenizer = emitTokenizer(spec, table.name, table.banner, progress);
  if (!tokenizer)
    return tokenizer.takeError();
  table.hasTokenizer = tokenizer->hasTokenizer;
  table.hasChat = tokenizer->hasChat;
  table.addBos = tokenizer->addBos;
  table.bos = tokenizer->bos;
  table.eos = tokenizer->eos;
  for (auto &[file, text] : tokenizer->sources)
    result.sources.push_back({file, text, {}});

  // Saved state fits code of the same architecture, options and weights.
  std::string identity = table.banner + "\n" + table.weightsHash;
  table.modelHash = llvm::fromHex(sha256Hex(identity));

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
    result.sources.push_back({spec.arch.name + "_" + levelName + ".cpp", std::move(*text),
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
        {spec.arch.name + "_image.s", emitImageAssembly(table, "image.weights"), {}});
  result.header = emitHeader(table);
  result.weightsBytes = image.bytes;
  progress.end();
  return llvm::Error::success();
}

/// Multiply-adds of the matrices: of all runs of the blocks for one token, and
/// of the head for one row of logits. `ingot bench` divides by them.
static nlohmann::ordered_json macsOf(const ArchSpec &arch) {
  const int64_t queries = arch.numHeads * arch.headDim;
  const int64_t keys = arch.numKvHeads * arch.headDim;
  const int64_t run =
      arch.hiddenSize * (2 * queries + 2 * keys) + 3 * arch.hiddenSize * arch.intermediateSize;
  nlohmann::ordered_json macs;
  macs["blocks"] = static_cast<uint64_t>(arch.numRuns() * run);
  macs["head"] = static_cast<uint64_t>(arch.hiddenSize * arch.vocabSize);
  return macs;
}

/// Members of report.json that follow from the model.
void FrontEndJob::describe() {
  plan::ModelOp model = planOf(*module);
  nlohmann::ordered_json &report = result.report;
  report["options"] = table.banner;
  report["parameters"] = spec.arch.parameterCount();
  report["bytes_per_token"] = table.weightsReadPerToken;
  report["kv_bytes_per_token"] = table.kvBytesPerPosition;
  report["context"] = table.maxContext;
  report["vocab_size"] = spec.arch.vocabSize;
  report["macs"] = macsOf(spec.arch);
  report["arena_bytes"] = nlohmann::ordered_json::object();
  report["scratch_bytes"] = nlohmann::ordered_json::object();
  for (plan::FuncOp func : model.getOps<plan::FuncOp>())
    if (func.getEntry()) {
      report["arena_bytes"][func.getSymName().str()] = *func.getArenaBytes();
      report["scratch_bytes"][func.getSymName().str()] = *func.getScratchBytes();
    }
  report["hashes"]["weights"] = llvm::toHex(table.weightsHash, /*LowerCase=*/true);
}

llvm::Expected<EmittedModel> FrontEndJob::run() {
  for (llvm::Error (FrontEndJob::*step)() : {&FrontEndJob::import, &FrontEndJob::runPasses,
                                             &FrontEndJob::packWeights, &FrontEndJob::emitSources})
    if (llvm::Error error = (this->*step)())
      return std::move(error);
  describe();
  if (result.reference)
    keepAlive(*result.reference, std::move(weights));
  return std::move(result);
}

llvm::Expected<EmittedModel> ingot::runFrontEnd(const CompileOptions &options,
                                                const FrontEndPaths &paths, Progress &progress) {
  return FrontEndJob(options, paths, progress).run();
}
