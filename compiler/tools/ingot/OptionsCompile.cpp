#include "compiler/tools/ingot/OptionsCompile.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Emulator.h"
#include "compiler/tools/ingot/CommandLine.h"
#include "targets/Targets.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <algorithm>

using namespace ingot;

namespace {

/// The options as words, before they are understood.
struct Words {
  std::string target = "host", cpu, emit, weights = "embed", weightsFrom, validate = "default";
};

template <typename Range> std::string listOf(const Range &items) {
  std::string text;
  for (const auto &item : items)
    text += (text.empty() ? "'" : ", '") + std::string(item->name) + "'";
  return text;
}

llvm::Error badValue(const llvm::Twine &option, const llvm::Twine &found,
                     const llvm::Twine &expected) {
  return driverError(kExitUsage,
                     "option '" + option + "' is '" + found + "', expected " + expected);
}

llvm::Error readName(const CompileOptions &options) {
  const llvm::StringRef name = options.name;
  const bool plain = llvm::all_of(name, [](char c) {
    return llvm::isDigit(c) || c == '-' || (llvm::isAlpha(c) && llvm::toLower(c) == c);
  });
  if (!plain || name.starts_with("-") || name.ends_with("-"))
    return badValue("--name", name, "letters a-z, digits and '-' between them");
  return llvm::Error::success();
}

llvm::Error readTarget(const Words &words, CompileOptions &options) {
  options.target = findTarget(words.target);
  if (options.target)
    return llvm::Error::success();
  if (words.target == "host")
    return driverError(kExitMissing, "no level of any target runs on this machine");
  return badValue("--target", words.target, "'host' or one of " + listOf(targets()));
}

llvm::Error readLevels(const Words &words, CompileOptions &options) {
  const Target &target = *options.target;
  llvm::SmallVector<llvm::StringRef> names;
  llvm::StringRef(words.cpu).split(names, ',');
  if (words.cpu.empty()) {
    // The best that this machine can run; for another machine what all of its family can.
    const Level *here = target.bestUsableHere();
    options.levels = {here ? here : &target.levels.front()};
    return llvm::Error::success();
  }
  std::vector<const Level *> known;
  for (const Level &level : target.levels)
    known.push_back(&level);
  for (llvm::StringRef name : names) {
    const Level *level = name == "host" ? target.bestUsableHere() : target.findLevel(name);
    if (!level && name == "host")
      return driverError(kExitMissing, "no level of target '" + std::string(target.name) +
                                           "' runs on this machine");
    if (!level)
      return badValue("--cpu", words.cpu, "'host' or a list of " + listOf(known));
    if (!llvm::is_contained(options.levels, level))
      options.levels.push_back(level);
  }
  std::sort(options.levels.begin(), options.levels.end(), std::greater<const Level *>());
  return llvm::Error::success();
}

llvm::Error readEmit(const Words &words, const Target &target, EmitSet &emit) {
  const std::pair<llvm::StringRef, bool EmitSet::*> kinds[] = {
      {"exe", &EmitSet::exe},  {"lib", &EmitSet::lib},      {"so", &EmitSet::so},
      {"obj", &EmitSet::obj},  {"asm", &EmitSet::assembly}, {"cpp", &EmitSet::cpp},
      {"mlir", &EmitSet::mlir}};
  const llvm::StringRef list =
      words.emit.empty() ? llvm::StringRef(target.defaultEmits) : llvm::StringRef(words.emit);
  llvm::SmallVector<llvm::StringRef> names, possible;
  list.split(names, ',');
  llvm::StringRef(target.emits).split(possible, ',');
  for (llvm::StringRef name : names) {
    const auto *kind = llvm::find_if(kinds, [&](const auto &k) { return k.first == name; });
    if (kind == std::end(kinds) || !llvm::is_contained(possible, name))
      return badValue("--emit", list,
                      "a list of " + llvm::join(possible, ", ") + " for target '" +
                          llvm::StringRef(target.name) + "'");
    emit.*kind->second = true;
  }
  // Unasked, sources are built where that is possible.
  if (words.emit.empty() && target.objectFormat == ObjectFormat::Source &&
      llvm::errorToBool(checkRequirements(target, Requirement::Use::Link)))
    emit.exe = false;
  return llvm::Error::success();
}

llvm::Error readWeightsFrom(const Words &words, CompileOptions &options) {
  if (words.weightsFrom.empty())
    return llvm::Error::success();
  llvm::StringRef text = words.weightsFrom;
  uint64_t seed = 0;
  if (!text.consume_front("random:") || text.empty() || text.getAsInteger(10, seed))
    return badValue("--weights-from", words.weightsFrom, "'random:SEED' with a whole number");
  options.randomSeed = seed;
  return llvm::Error::success();
}

llvm::Error understand(const Words &words, CompileOptions &options) {
  if (llvm::Error error = readName(options))
    return error;
  if (llvm::Error error = readTarget(words, options))
    return error;
  if (llvm::Error error = readLevels(words, options))
    return error;
  if (llvm::Error error = readEmit(words, *options.target, options.emit))
    return error;
  if (llvm::Error error = readWeightsFrom(words, options))
    return error;
  options.sidecar = words.weights == "sidecar";
  options.validation = words.validate == "none"   ? Validation::None
                       : words.validate == "full" ? Validation::Full
                                                  : Validation::Default;
  return llvm::Error::success();
}

} // namespace

std::optional<int> ingot::parseCompileOptions(int argc, char **argv, CompileOptions &options) {
  VerbParser parser("compile", "Compiles a model into a folder.");
  CLI::App &app = parser.app();
  Words words;
  app.add_option("MODEL", options.model, "architecture YAML, Hugging Face folder or GGUF file")
      ->required();
  app.add_option("-o,--output", options.output, "the folder to make")->required()->type_name("DIR");
  app.add_option("--name", options.name, "name of the model in files and symbols")->type_name("N");
  app.add_option("--target", words.target, "what to compile for, see 'ingot targets'")
      ->type_name("T");
  app.add_option("--cpu", words.cpu, "levels of the target, chosen between at start")
      ->type_name("C[,C]");
  app.add_option("--quant", options.quant, "encoding of the weights: keep, f32, q8 or q4")
      ->type_name("Q")
      ->check(CLI::IsMember({"keep", "f32", "q8", "q4"}));
  app.add_option("--kv", options.kv, "encoding of the KV cache: f16, q8 or f32")
      ->type_name("K")
      ->check(CLI::IsMember({"f16", "q8", "f32"}));
  int64_t context = 0;
  CLI::Option *contextGiven =
      app.add_option("--ctx", context, "positions of the context (default: the model's)")
          ->type_name("N")
          ->check(CLI::Range(int64_t(1), int64_t(1) << 24));
  app.add_option("--emit", words.emit, "exe, lib, so, obj, asm, cpp, mlir (default: the target's)")
      ->type_name("LIST");
  app.add_option("--weights", words.weights, "where the weights go: embed or sidecar")
      ->check(CLI::IsMember({"embed", "sidecar"}));
  app.add_option("--weights-from", words.weightsFrom, "generate weights: random:SEED");
  app.add_option("--validate", words.validate, "default, full or none")
      ->check(CLI::IsMember({"default", "full", "none"}));
  app.add_option("--cache", options.cache, "folder of compiled kernels")->type_name("DIR");
  app.add_flag("--force", options.force, "replace DIR if it holds an earlier output");
  app.add_flag("-v,--verbose", options.verbose, "a line for every step, with its time");
  if (std::optional<int> end = parser.parse(argc, argv))
    return end;
  if (contextGiven->count() != 0)
    options.context = context;
  if (llvm::Error error = understand(words, options))
    return reportError(std::move(error));
  return std::nullopt;
}
