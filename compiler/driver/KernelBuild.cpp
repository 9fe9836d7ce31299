#include "compiler/driver/KernelBuild.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Files.h"
#include "compiler/driver/ProcessPool.h"
#include "compiler/driver/Sha256.h"
#include "compiler/driver/Toolchain.h"

#include <algorithm>
#include <filesystem>

using namespace ingot;

/// Seconds that one kernel may take on a slow, busy machine.
static constexpr double kTimeLimit = 300;

/// A program's bytes and its version text, which names the libraries whose code is not in them.
static llvm::Expected<std::string> hashOf(llvm::StringRef what, const std::string &program) {
  llvm::Expected<std::string> hash = sha256OfFile(program);
  if (!hash)
    return hash.takeError();
  const ProcessSpec spec = {{program, "--version"}, /*folder=*/{}};
  const ProcessResult result = runProcess(spec);
  if (!result.good())
    return processError(("asking " + what + " for its version").str(), spec, result);
  return sha256Hex(*hash + result.output);
}

llvm::Expected<KernelBuild> KernelBuild::create(const Installation &installation,
                                                const Target &target, KernelCache cache) {
  KernelBuild build(target, std::move(cache));
  build.compiler = installation.kernelCompiler();
  std::error_code status;
  if (!std::filesystem::exists(build.compiler, status))
    return driverError(kExitMissing, "cannot find '" + build.compiler + "', which compiling needs");
  llvm::Expected<std::string> hash = hashOf("the kernel compiler", build.compiler);
  if (!hash)
    return hash.takeError();
  build.compilerHash = *hash;
  if (std::ranges::none_of(target.levels, [](const Level &level) { return level.kernelText; }))
    return build;
  llvm::Expected<std::string> clang = findTool("clang");
  if (!clang)
    return clang.takeError();
  build.clang = *clang;
  llvm::Expected<std::string> clangHash = hashOf("clang", build.clang);
  if (!clangHash)
    return clangHash.takeError();
  build.clangHash = *clangHash;
  return build;
}

/// "cols=576,rows=1536": as `ingot-kernel --params` takes it.
static std::string paramsOf(const KernelSpec &spec) {
  std::string text;
  for (const auto &[name, value] : spec.params)
    text += (text.empty() ? "" : ",") + name + "=" + std::to_string(value);
  return text;
}

std::string KernelBuild::keyOf(const KernelRequest &request) const {
  // One item a line: no value holds a line end, so no two lists read the same.
  std::string text = "ingot-kernel-1\n" + compilerHash + "\n" + std::string(target.name) + "\n" +
                     std::string(request.level->name) + "\n" +
                     std::string(request.level->halideTarget) + "\n" + request.spec.algorithm +
                     "\n" + paramsOf(request.spec) + "\n" + request.symbol + "\n" +
                     request.emit.str() + "\n";
  // The text itself is part of the kernel compiler.
  if (request.level->kernelText)
    text += clangHash + "\n";
  return sha256Hex(text);
}

std::vector<std::string> KernelBuild::commandFor(const KernelRequest &request) const {
  std::vector<std::string> command = {compiler,
                                      "--target=" + std::string(target.name),
                                      "--level=" + std::string(request.level->name),
                                      "--algorithm=" + request.spec.algorithm,
                                      "--params=" + paramsOf(request.spec),
                                      "--symbol=" + request.symbol,
                                      "--emit=" + request.emit.str(),
                                      "-o",
                                      request.output};
  if (request.level->kernelText)
    command.push_back("--clang=" + clang);
  return command;
}

llvm::Expected<KernelBuildStats> KernelBuild::build(llvm::ArrayRef<KernelRequest> requests,
                                                    unsigned parallel, Progress &progress) const {
  KernelBuildStats stats;
  std::vector<const KernelRequest *> missing;
  std::vector<ProcessSpec> specs;
  for (const KernelRequest &request : requests) {
    if (std::optional<std::string> object = cache.find(keyOf(request))) {
      if (llvm::Error error = writeFile(request.output, *object))
        return error;
      ++stats.cached;
      continue;
    }
    missing.push_back(&request);
    specs.push_back({commandFor(request), /*folder=*/{}, kTimeLimit});
  }

  llvm::Error first = llvm::Error::success();
  runProcesses(specs, parallel, [&](size_t index, ProcessResult result) {
    const KernelRequest &request = *missing[index];
    const auto finish = [&]() -> llvm::Error {
      if (!result.good())
        return processError("compiling kernel '" + request.symbol + "'", specs[index], result);
      llvm::Expected<std::string> object = readFile(request.output);
      if (!object)
        return object.takeError();
      cache.store(keyOf(request), *object);
      return llvm::Error::success();
    };
    ++stats.compiled;
    progress.advance(stats.cached + stats.compiled, request.symbol);
    llvm::Error error = finish();
    if (!error)
      return true;
    llvm::consumeError(std::move(first));
    first = std::move(error);
    return false;
  });
  if (first)
    return first;
  return stats;
}
