#include "compiler/driver/CompileJob.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Emulator.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/KernelBuild.h"
#include "compiler/driver/ProcessPool.h"
#include "compiler/driver/Report.h"
#include "compiler/driver/Sha256.h"
#include "compiler/driver/ValidateTokenizer.h"
#include "targets/Targets.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <filesystem>
#include <set>

using namespace ingot;

/// Embedded images beyond this do not link: addresses inside a program reach 2 GB.
static constexpr uint64_t kMostEmbedded = 1500000000;

std::string CompileJob::symbolName() const {
  std::string name = model.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

llvm::Error CompileJob::run(const FrontEnd &frontEnd) {
  // What costs nothing to find out is found out first.
  if (!makesSources()) {
    llvm::Expected<Toolchain> found = Toolchain::find(options.target->linker);
    if (!found)
      return found.takeError();
    tools = *found;
  }
  if (options.emit.exe || options.emit.so)
    if (llvm::Error error = checkRequirements(*options.target, Requirement::Use::Link))
      return error;
  llvm::Expected<std::unique_ptr<OutputDirectory>> opened =
      OutputDirectory::create(options.output, options.force);
  if (!opened)
    return opened.takeError();
  output = std::move(*opened);
  for (const char *folder : {"src", "src/kernels", "obj", "asm"})
    if (llvm::Error error = makeFolder(output->workFile(folder)))
      return error;

  if (llvm::Error error = emit(frontEnd))
    return error;
  const bool sources = makesSources();
  for (llvm::Error (CompileJob::*step)() :
       {&CompileJob::compileKernels,
        sources ? &CompileJob::writeSources : &CompileJob::compileSources,
        sources ? &CompileJob::buildSources : &CompileJob::link, &CompileJob::writeTexts,
        &CompileJob::copyOutputs, &CompileJob::validate, &CompileJob::writeReport})
    if (llvm::Error error = (this->*step)())
      return error;

  progress.begin("publishing");
  llvm::Error error = output->publish();
  progress.end();
  return error;
}

llvm::Error CompileJob::emit(const FrontEnd &frontEnd) {
  // Beside the sources, so that the assembly names it without a path.
  imagePath = output->workFile("src/image.weights");
  FrontEndPaths paths = {imagePath, options.emit.mlir ? output->file("ir") : std::string(),
                         output->finalFile("")};
  if (options.emit.mlir)
    if (llvm::Error error = makeFolder(paths.irFolder))
      return error;
  llvm::Expected<EmittedModel> emitted = frontEnd(paths, progress);
  if (!emitted)
    return emitted.takeError();
  model = std::move(*emitted);
  if (!options.sidecar && model.weightsBytes > kMostEmbedded)
    return driverError(kExitFailed, "the packed weights are " + llvm::Twine(model.weightsBytes) +
                                        " bytes, expected at most " + llvm::Twine(kMostEmbedded) +
                                        " to embed; use '--weights sidecar'");
  return llvm::Error::success();
}

/// Whether a kernel is C++ of its level's, without a schedule.
static bool isText(const KernelRequest &request) {
  return request.level->kernelText &&
         !request.level->kernelText(request.spec, request.symbol).empty();
}

llvm::Error CompileJob::compileKernels() {
  std::vector<KernelRequest> requests;
  std::set<std::string> seen;
  for (const EmittedKernels &group : model.kernels)
    for (const KernelSpec &spec : group.specs) {
      const std::string symbol = kernelSymbol(spec, group.level->name);
      if (!seen.insert(symbol).second)
        continue;
      const bool source = makesSources() || options.target->kernelsFromSource;
      const std::string object = output->workFile("obj/" + symbol + ".o"),
                        text = output->workFile("src/kernels/" + symbol + ".cpp");
      requests.push_back(
          {spec, group.level, symbol, source ? text : object, source ? "cpp" : "obj"});
      objects.push_back(makesSources() ? text : object);
    }
  const std::vector<KernelRequest> objectsOnly = requests;
  if (options.emit.assembly && !options.target->kernelsFromSource)
    for (const KernelRequest &request : objectsOnly)
      requests.push_back({request.spec, request.level, request.symbol,
                          output->workFile("asm/" + request.symbol + ".s"), "asm"});
  if (options.emit.cpp && !makesSources())
    for (const KernelRequest &request : objectsOnly) {
      if (!isText(request))
        continue; // Halide's
      if (llvm::Error error = makeFolder(output->file("src/kernels")))
        return error;
      requests.push_back({request.spec, request.level, request.symbol,
                          output->file("src/kernels/" + request.symbol + ".cpp"), "cpp"});
    }

  progress.begin("kernels", requests.size());
  llvm::Expected<KernelBuild> build =
      KernelBuild::create(installation, *options.target, KernelCache(options.cache));
  if (!build)
    return build.takeError();
  llvm::Expected<KernelBuildStats> stats = build->build(requests, usableProcessors(), progress);
  if (!stats)
    return stats.takeError();
  progress.end(std::to_string(stats->cached) + " from the cache, " +
               std::to_string(stats->compiled) + " compiled");

  for (const KernelRequest &request : objectsOnly) {
    llvm::Expected<std::string> hash = sha256OfFile(request.output);
    if (!hash)
      return hash.takeError();
    nlohmann::ordered_json row;
    row["symbol"] = request.symbol;
    row["algorithm"] = request.spec.algorithm;
    row["params"] = request.spec.params;
    row["level"] = request.level->name;
    row["schedule"] = isText(request)
                          ? "written as C++"
                          : scheduleName(*options.target, *request.level, request.spec.algorithm);
    row["sha256"] = *hash;
    kernelRows.push_back(std::move(row));
  }
  return options.target->kernelsFromSource ? compileKernelSources(objectsOnly)
                                           : llvm::Error::success();
}

llvm::Error CompileJob::compileSources() {
  std::vector<CompileUnit> units;
  for (const EmittedSource &source : model.sources) {
    const std::string path = output->workFile("src/" + source.file);
    const std::string stem = llvm::sys::path::stem(source.file).str();
    if (llvm::Error error = writeFile(path, source.text))
      return error;
    const std::string object = output->workFile("obj/" + stem + ".o");
    units.push_back({path, object, source.flags});
    objects.push_back(object);
    if (options.emit.assembly && llvm::sys::path::extension(source.file) != ".s")
      units.push_back({path, output->workFile("asm/" + stem + ".s"), source.flags,
                       /*assembly=*/true});
  }
  progress.begin("C++", units.size());
  llvm::Error error = linker().compileCpp(units, usableProcessors());
  progress.end();
  return error;
}

llvm::Error CompileJob::link() {
  progress.begin("link");
  // The files are named as the archive's members are to be called.
  const std::string modelObject = output->workFile(model.name + ".o");
  if (llvm::Error error =
          linker().makeModelObject(objects, "ingot_model_" + symbolName(), modelObject))
    return error;
  llvm::Expected<std::string> runtime =
      installation.targetFile(options.target->name, "ingot_runtime.o");
  if (!runtime)
    return runtime.takeError();
  if (options.emit.lib)
    if (llvm::Error error =
            linker().makeArchive({modelObject, *runtime}, output->file("lib" + model.name + ".a")))
      return error;
  if (options.emit.so) {
    const std::string name = "lib" + model.name + ".so";
    if (llvm::Error error = linker().makeShared({modelObject, *runtime}, name, output->file(name)))
      return error;
  }
  llvm::Error error = linkExecutable(modelObject, *runtime);
  progress.end();
  return error;
}

llvm::Error CompileJob::linkExecutable(const std::string &modelObject, const std::string &runtime) {
  // Made for the validation even where it is not asked for.
  if (!options.emit.exe && !willValidate())
    return llvm::Error::success();
  llvm::Expected<std::string> cli = installation.targetFile(options.target->name, "ingot_cli.o");
  if (!cli)
    return cli.takeError();
  const std::string entry = "ingot_model_" + symbolName();
  const CompileUnit unit = {output->workFile("src/ingot_cli_model.c"),
                            output->workFile("obj/ingot_cli_model.o"), /*flags=*/{}};
  if (llvm::Error error =
          writeFile(unit.source, "struct ingot_model;\nconst struct ingot_model *" + entry +
                                     "(void);\nconst struct ingot_model "
                                     "*ingot_cli_model(void);\nconst struct "
                                     "ingot_model *ingot_cli_model(void) { return " +
                                     entry + "(); }\n"))
    return error;
  // Called from another object, so not hidden.
  CompileUnit visible = unit;
  visible.flags = {"-fvisibility=default"};
  if (llvm::Error error = linker().compileCpp(visible, /*parallel=*/1))
    return error;
  if (llvm::Error error =
          linker().makeExecutable({*cli, unit.output, modelObject, runtime},
                                  programFile(llvm::StringRef(options.target->programSuffix))))
    return error;
  return writeCompanions();
}

std::string CompileJob::programFile(llvm::StringRef suffix) const {
  const std::string name = (model.name + suffix).str();
  return options.emit.exe ? output->file(name) : output->workFile(name);
}

llvm::Error CompileJob::instantiate(llvm::StringRef file, const std::string &to) const {
  llvm::Expected<std::string> path = installation.targetFile(options.target->name, file);
  if (!path)
    return path.takeError();
  llvm::Expected<std::string> text = readFile(*path);
  if (!text)
    return text.takeError();
  llvm::SmallVector<llvm::StringRef> parts;
  llvm::StringRef(*text).split(parts, "@NAME@");
  return writeFile(to, llvm::join(parts, model.name));
}

llvm::Error CompileJob::writeCompanions() const {
  for (const Companion &companion : options.target->companions)
    if (llvm::Error error = instantiate(llvm::StringRef(companion.file),
                                        programFile(llvm::StringRef(companion.suffix))))
      return error;
  return llvm::Error::success();
}

llvm::Error CompileJob::writeTexts() {
  if (llvm::Error error = writeFile(output->file("model.yaml"), model.modelYaml))
    return error;
  return writeFile(output->file(model.name + ".h"), model.header);
}

/// Copies the files of a folder whose extension is wanted.
static llvm::Error copyMatching(const std::string &from, const std::string &to,
                                std::initializer_list<llvm::StringRef> extensions) {
  if (llvm::Error error = makeFolder(to))
    return error;
  std::error_code status;
  for (std::filesystem::directory_iterator at(from, status), end; !status && at != end;
       at.increment(status)) {
    const std::string path = at->path().string();
    if (llvm::is_contained(extensions, llvm::sys::path::extension(path)))
      if (llvm::Error error = copyFile(path, joinPath(to, llvm::sys::path::filename(path))))
        return error;
  }
  return status ? systemError("read", from, status.value()) : llvm::Error::success();
}

llvm::Error CompileJob::copyOutputs() {
  if (options.sidecar)
    if (llvm::Error error = copyFile(imagePath, output->file(model.name + ".weights")))
      return error;
  if (options.emit.cpp && makesSources())
    return copySources();
  if (options.emit.cpp)
    if (llvm::Error error =
            copyMatching(output->workFile("src"), output->file("src"), {".cpp", ".c"}))
      return error;
  if (options.emit.assembly)
    if (llvm::Error error = copyMatching(output->workFile("asm"), output->file("asm"), {".s"}))
      return error;
  if (options.emit.obj)
    if (llvm::Error error = copyMatching(output->workFile("obj"), output->file("obj"), {".o"}))
      return error;
  return llvm::Error::success();
}

bool CompileJob::willValidate() const {
  // Where nothing here runs the target, the compile is as good as it can be checked.
  return model.reference && options.validation != Validation::None &&
         (!makesSources() || canBuildSources()) &&
         !llvm::errorToBool(
             emulatorFor(*options.target, *options.levels.front(), installation).takeError());
}

llvm::Error CompileJob::validate() {
  progress.begin("validation");
  if (!willValidate()) {
    progress.end("skipped");
    return llvm::Error::success();
  }
  CompiledCode code;
  for (const Level *level : options.levels) {
    llvm::Expected<std::vector<std::string>> command =
        emulatorFor(*options.target, *level, installation);
    if (!command)
      return command.takeError();
    const bool emulated = !command->empty();
    command->push_back(programFile(llvm::StringRef(options.target->programSuffix)));
    code.levels.push_back({std::string(level->name), std::move(*command), emulated});
  }
  if (options.sidecar)
    code.arguments = {"--weights", output->file(model.name + ".weights")};
  code.workFolder = output->workFile("");
  // A prompt of 8 and 4 steps of decode; the full form is 8 sequences of 64.
  const bool full = options.validation == Validation::Full;
  ReferenceLogits &reference = *model.reference;
  llvm::Expected<std::string> remark =
      validateCompiled(code, reference,
                       validationSequences(reference.vocabulary(), reference.context(),
                                           full ? 8 : 1, full ? 64 : 12),
                       /*promptLength=*/full ? 32 : 8);
  if (!remark)
    return remark.takeError();
  if (!model.sentencePieceModel.empty()) {
    llvm::Expected<std::string> tokenizer =
        validateTokenizer(code, installation.sentencePieceTool(), model.sentencePieceModel,
                          /*texts=*/full ? 64 : 4);
    if (!tokenizer)
      return tokenizer.takeError();
    *remark += ", " + *tokenizer;
  }
  progress.end(*remark);
  return llvm::Error::success();
}

llvm::Error CompileJob::writeReport() {
  const uint64_t embedded = options.sidecar ? 0 : model.weightsBytes;
  llvm::Expected<nlohmann::ordered_json> sections =
      makesSources() ? nlohmann::ordered_json{{"weights", embedded}}
                     : sectionBytes(output->workFile(model.name + ".o"), embedded);
  if (!sections)
    return sections.takeError();
  nlohmann::ordered_json report;
  report["ingot"] = kVersion;
  report["name"] = model.name;
  report["target"] = options.target->name;
  report["levels"] = nlohmann::ordered_json::array();
  for (const Level *level : options.levels)
    report["levels"].push_back(level->name);
  report["weights"] = options.sidecar ? "sidecar" : "embed";
  report["bytes"] = std::move(*sections);
  for (const auto &[key, value] : model.report.items())
    report[key] = value;
  report["hashes"]["model_yaml"] = sha256Hex(model.modelYaml);
  report["kernels"] = kernelRows;
  return writeFile(output->file("report.json"), formatJson(report));
}
