//===- CompileSources.cpp - Where the output is sources --------*- C++ -*-===//
//
// Targets whose ObjectFormat is Source: the sources of the kernels, the model
// and the runtime, and the line that makes a program of them. That same line
// makes the program that is validated. And targets for which only the kernels
// are sources, which clang compiles.
//
//===----------------------------------------------------------------------===//

#include "compiler/driver/CompileJob.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Emulator.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"
#include "targets/Targets.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <filesystem>

using namespace ingot;

/// Seconds that the compiler may take for all of the sources.
static constexpr double kTimeLimit = 1800;

/// Copies a folder and what is below it; existing folders are filled.
static llvm::Error copyTree(const std::string &from, const std::string &to) {
  std::error_code status;
  std::filesystem::copy(from, to,
                        std::filesystem::copy_options::recursive |
                            std::filesystem::copy_options::overwrite_existing,
                        status);
  return status ? systemError("copy", from, status.value()) : llvm::Error::success();
}

bool CompileJob::canBuildSources() const {
  return !llvm::errorToBool(checkRequirements(*options.target, Requirement::Use::Link));
}

llvm::Error CompileJob::compileKernelSources(llvm::ArrayRef<KernelRequest> kernels) {
  // What their sources include is the generic target's.
  llvm::Expected<std::string> header = installation.targetFile(genericTarget.name, "src/kernel.h");
  if (!header)
    return header.takeError();
  // As build.sh has them; without errno, which nobody reads, roots are instructions.
  const std::vector<std::string> flags = {"-O3", "-fno-strict-aliasing", "-fno-math-errno",
                                          "-I" + llvm::sys::path::parent_path(*header).str()};
  std::vector<CompileUnit> units;
  for (const KernelRequest &kernel : kernels) {
    units.push_back({kernel.output, output->workFile("obj/" + kernel.symbol + ".o"), flags});
    if (options.emit.assembly)
      units.push_back({kernel.output, output->workFile("asm/" + kernel.symbol + ".s"), flags,
                       /*assembly=*/true});
  }
  progress.begin("kernels' C++", units.size());
  llvm::Error error = linker().compileCpp(units, usableProcessors());
  progress.end();
  return error;
}

llvm::Error CompileJob::writeSources() {
  for (const EmittedSource &source : model.sources)
    if (llvm::Error error = writeFile(output->workFile("src/" + source.file), source.text))
      return error;
  if (llvm::Error error =
          writeFile(output->workFile("src/" + model.name + "_main.cpp"),
                    "// The model of the executable.\n\nextern \"C\" {\nstruct ingot_model;\n"
                    "const ingot_model *ingot_model_" +
                        symbolName() +
                        "(void);\n"
                        "const ingot_model *ingot_cli_model(void);\n"
                        "const ingot_model *ingot_cli_model(void) { return ingot_model_" +
                        symbolName() + "(); }\n}\n"))
    return error;
  llvm::Expected<std::string> script = installation.targetFile(options.target->name, "build.sh");
  if (!script)
    return script.takeError();
  const std::string own = (llvm::sys::path::parent_path(*script) + "/src").str();
  if (llvm::Error error = copyTree(own, output->workFile("src")))
    return error;
  return instantiate("build.sh", output->workFile("build.sh"));
}

llvm::Error CompileJob::buildSources() {
  if (!options.emit.exe && !willValidate())
    return llvm::Error::success();
  progress.begin("C++");
  const ProcessSpec spec = {{"/bin/sh", output->workFile("build.sh")}, /*folder=*/{}, kTimeLimit};
  const ProcessResult result = runProcess(spec);
  if (!result.good())
    return processError("building the sources", spec, result);
  if (options.emit.exe)
    if (llvm::Error error = copyFile(output->workFile(model.name), programFile("")))
      return error;
  progress.end();
  return llvm::Error::success();
}

llvm::Error CompileJob::copySources() {
  // The packed image lies beside the sources that include it; as a sidecar it has a name of its
  // own.
  if (options.sidecar)
    if (llvm::Error error = removeTree(imagePath))
      return error;
  if (llvm::Error error = copyTree(output->workFile("src"), output->file("src")))
    return error;
  const std::string script = output->file("build.sh");
  if (llvm::Error error = copyFile(output->workFile("build.sh"), script))
    return error;
  using namespace llvm::sys::fs;
  if (std::error_code code = setPermissions(script, all_read | all_exe | owner_write))
    return llvm::createFileError(script, code);
  return llvm::Error::success();
}
