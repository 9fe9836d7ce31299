//===- CompileJob.h - From an emitted model to the output folder -*- C++ -*-===//
//
// The part of `ingot compile` that knows files and processes and nothing of
// the IR: kernels, C++, link, report, validation, publishing. The front end
// (import, passes, emission) hands it an EmittedModel.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_DRIVER_COMPILEJOB_H
#define INGOT_COMPILER_DRIVER_COMPILEJOB_H

#include "codegen/Kernel.h"
#include "compiler/driver/CompileOptions.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/KernelBuild.h"
#include "compiler/driver/Link.h"
#include "compiler/driver/OutputDirectory.h"
#include "compiler/driver/Progress.h"
#include "compiler/driver/Toolchain.h"
#include "compiler/driver/Validate.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>

namespace ingot {

/// A text that is compiled into the model's object.
struct EmittedSource {
  std::string file; ///< "NAME_avx2.cpp": .cpp, .c or .s
  std::string text;
  std::vector<std::string> flags; ///< of the level it is for
};

/// Kernels of one level, each once.
struct EmittedKernels {
  const Level *level;
  std::vector<KernelSpec> specs;
};

/// All that the front end knows of a model once it is emitted.
struct EmittedModel {
  std::string name;      ///< [a-z0-9-]+
  std::string modelYaml; ///< the resolved architecture
  std::string header;    ///< NAME.h
  std::vector<EmittedSource> sources;
  std::vector<EmittedKernels> kernels;
  uint64_t weightsBytes = 0; ///< of the packed image
  /// Members of report.json behind the driver's own, in this order:
  /// "parameters", "macs", "arena_bytes", "hashes" ...
  nlohmann::ordered_json report = nlohmann::ordered_json::object();
  /// Null: no validation is possible (--validate none).
  std::unique_ptr<ReferenceLogits> reference;
  /// The tokenizer.model that the tokenizer was compiled from; empty: it was none.
  std::string sentencePieceModel;
};

/// Where the front end writes, and what it must know of where things end up.
struct FrontEndPaths {
  std::string imagePath;    ///< the packed image, beside the sources that will be compiled
  std::string irFolder;     ///< dumps of the IR after each phase; empty: none are wanted
  std::string outputFolder; ///< DIR as it will be called, absolute
};
using FrontEnd =
    std::function<llvm::Expected<EmittedModel>(const FrontEndPaths &paths, Progress &progress)>;

class CompileJob {
public:
  CompileJob(const CompileOptions &options, Installation installation)
      : options(options), installation(std::move(installation)), progress(options.verbose) {}

  /// Every step; DIR is published at the end or not at all.
  llvm::Error run(const FrontEnd &frontEnd);

private:
  llvm::Error emit(const FrontEnd &frontEnd);
  llvm::Error compileKernels();
  /// Of a target whose kernels are sources: makes their objects.
  llvm::Error compileKernelSources(llvm::ArrayRef<KernelRequest> kernels);
  llvm::Error compileSources();
  llvm::Error link();
  llvm::Error linkExecutable(const std::string &modelObject, const std::string &runtime);
  llvm::Error writeCompanions() const;
  /// Writes a text of the installation with the model's name for @NAME@.
  llvm::Error instantiate(llvm::StringRef file, const std::string &to) const;

  // In the place of compileSources and link where the target is sources: CompileSources.cpp.
  bool makesSources() const { return options.target->objectFormat == ObjectFormat::Source; }
  bool canBuildSources() const;
  llvm::Error writeSources();
  llvm::Error buildSources();
  llvm::Error copySources();

  llvm::Error writeTexts();
  llvm::Error copyOutputs();
  llvm::Error writeReport();
  bool willValidate() const;
  llvm::Error validate();

  /// Where NAME`suffix`, the program or what stands beside it, is written.
  std::string programFile(llvm::StringRef suffix) const;
  /// NAME with `_` for `-`.
  std::string symbolName() const;
  Linker linker() const { return Linker(tools, installation, *options.target); }

  const CompileOptions &options;
  Installation installation;
  Progress progress;
  Toolchain tools;
  std::unique_ptr<OutputDirectory> output;
  EmittedModel model;
  std::string imagePath;
  std::vector<std::string> objects; ///< of kernels and sources, in the order they are linked
  nlohmann::ordered_json kernelRows = nlohmann::ordered_json::array();
};

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_COMPILEJOB_H
