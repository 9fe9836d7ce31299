//===- main.cpp - ingot-kernel: compiles one kernel and ends --------------===//
//
// The compiler runs it as a child process for every kernel: Halide's names
// come from counters that are global to a process, so one kernel a process
// keeps the bytes deterministic, and a crash costs one kernel.
//
// Exit codes: 0 done; 1 failed; 2 a bad option or value; 5 a level that the
// target does not have.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/Compile.h"
#include "compiler/tools/ingot-kernel/ClangKernel.h"
#include "targets/Schedules.h"
#include "targets/Targets.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iostream>

using namespace ingot;

namespace {

enum ExitCode { kDone = 0, kFailed = 1, kBadOption = 2, kNoLevel = 5 };

int fail(ExitCode code, const std::string &text) {
  std::cerr << "ingot-kernel: error: " << text << "\n";
  return code;
}

/// Names Halide too: it is part of what decides a kernel's bytes, and the
/// driver's cache keys on this text.
std::string versionText() {
  return "ingot-kernel 0.1.0 (Halide " + std::to_string(HALIDE_VERSION_MAJOR) + "." +
         std::to_string(HALIDE_VERSION_MINOR) + "." + std::to_string(HALIDE_VERSION_PATCH) + ")";
}

/// Halide's complaints are bugs of an algorithm or a schedule, never the
/// user's. It forbids `error` to return.
class Reporter final : public Halide::CompileTimeErrorReporter {
  void warning(const char *text) override {
    std::cerr << "ingot-kernel: warning: " << text << "\n";
  }
  void error(const char *text) override {
    std::exit(fail(kFailed, std::string("internal error: ") + text));
  }
};

/// Parses "rows=1536,cols=576" into `params`.
bool parseParams(const std::string &text, std::map<std::string, int64_t> &params,
                 std::string &error) {
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const size_t equals = std::min(item.find('='), item.size());
    int64_t value = 0;
    const char *first = item.data() + std::min(equals + 1, item.size());
    const char *last = item.data() + item.size();
    const auto [stop, status] = std::from_chars(first, last, value);
    if (equals == 0 || first == last || status != std::errc() || stop != last) {
      error = "'" + item + "' in --params, expected 'name=integer'";
      return false;
    }
    if (!params.emplace(item.substr(0, equals), value).second) {
      error = "'" + item.substr(0, equals) + "' is given twice in --params";
      return false;
    }
    begin = end + 1;
  }
  return true;
}

struct Options {
  KernelSpec spec;
  const Target *target = nullptr;
  const Level *level = nullptr;
  std::string symbol, clang = INGOT_CLANG;
  KernelEmit emit = KernelEmit::Object;
  std::string output;
};

int publish(const std::string &partial, const std::string &output) {
  std::error_code status;
  std::filesystem::rename(partial, output, status);
  if (status)
    return fail(kFailed, "'" + output + "': " + status.message());
  return kDone;
}

int compile(const Options &options) {
  std::string error;
  std::unique_ptr<KernelStages> stages = buildKernel(options.spec, *options.level, error);
  if (!stages)
    return fail(kBadOption, error);
  // Complete or absent: a reader never sees half a file under its own name.
  const std::string partial = options.output + ".partial";
  const Level &level = *options.level;
  const std::string text =
      level.kernelText ? level.kernelText(options.spec, options.symbol) : std::string();
  if (!text.empty()) {
    if (options.emit == KernelEmit::Statement)
      return fail(kBadOption, "--emit is 'stmt', and '" + options.spec.algorithm +
                                  "' is C++ at level '" + std::string(level.name) + "'");
    if (!compileByClang(text, *options.target, level, options.clang, options.emit, partial, error))
      return fail(kFailed, error);
    return publish(partial, options.output);
  }

  const ScheduleEntry *schedule =
      findSchedule(scheduleName(*options.target, level, options.spec.algorithm));
  if (!schedule)
    return fail(kFailed, "algorithm '" + options.spec.algorithm + "' has no schedule");
  schedule->apply(*stages, level);

  compileKernel(*stages, level, options.symbol, options.emit, partial);
  return publish(partial, options.output);
}

int run(int argc, char **argv) {
  CLI::App app("Compiles one kernel: an algorithm at one shape for one level of a target.");
  std::string params, target = "host", level, emit = "obj";
  bool list = false;
  Options options;
  app.set_version_flag("--version", versionText());
  app.add_flag("--list", list, "print the names of all algorithms");
  app.add_option("--algorithm", options.spec.algorithm, "name of the algorithm");
  app.add_option("--params", params, "static parameters: rows=1536,cols=576");
  app.add_option("--target", target, "target, or 'host'")->capture_default_str();
  app.add_option("--level", level, "level of the target; default: the best that runs here");
  app.add_option("--symbol", options.symbol, "name of the function; default: by rule");
  const std::map<std::string, KernelEmit> emits = {{"obj", KernelEmit::Object},
                                                   {"asm", KernelEmit::Assembly},
                                                   {"stmt", KernelEmit::Statement},
                                                   {"cpp", KernelEmit::Source}};
  app.add_option("--emit", emit, "obj, asm, stmt or cpp")->capture_default_str();
  app.add_option("--clang", options.clang, "compiler of the kernels that are C++")
      ->capture_default_str();
  app.add_option("-o", options.output, "output file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &status) {
    return app.exit(status) == 0 ? kDone : kBadOption;
  }

  if (list) {
    for (const std::string &name : kernelAlgorithms())
      std::cout << name << "\n";
    return kDone;
  }
  if (options.spec.algorithm.empty() || options.output.empty())
    return fail(kBadOption, "expected --algorithm and -o");
  std::string error;
  if (!parseParams(params, options.spec.params, error))
    return fail(kBadOption, error);
  if (!emits.count(emit))
    return fail(kBadOption, "--emit is '" + emit + "', expected 'obj', 'asm', 'stmt' or 'cpp'");
  options.emit = emits.at(emit);
  options.target = findTarget(target);
  if (!options.target)
    return fail(kBadOption, "unknown target '" + target + "'");
  options.level =
      level.empty() ? options.target->bestUsableHere() : options.target->findLevel(level);
  if (!options.level)
    return fail(kNoLevel,
                "target '" + std::string(options.target->name) + "' has no level '" + level + "'");
  if (options.symbol.empty())
    options.symbol = kernelSymbol(options.spec, options.level->name);
  return compile(options);
}

} // namespace

int main(int argc, char **argv) {
  static Reporter reporter;
  Halide::set_custom_compile_time_error_reporter(&reporter);
  return run(argc, argv);
}
