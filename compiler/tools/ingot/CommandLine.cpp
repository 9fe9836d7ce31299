#include "compiler/tools/ingot/CommandLine.h"

#include "compiler/driver/CompiledModel.h"
#include "compiler/driver/DriverError.h"
#include "compiler/driver/Emulator.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/ProcessPool.h"
#include "targets/Targets.h"

#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <csignal>
#include <iostream>

using namespace ingot;

VerbParser::VerbParser(const std::string &verb, const std::string &summary)
    : parser(summary, "ingot " + verb) {
  parser.set_version_flag("--version", std::string("ingot ") + kVersion);
  parser.failure_message([](const CLI::App *app, const CLI::Error &error) {
    return "ingot: error: " + std::string(error.what()) + ", see '" + app->get_name() +
           " --help'\n";
  });
}

std::optional<int> VerbParser::parse(int argc, char **argv) {
  // CLI11 takes the words in reverse.
  std::vector<std::string> words;
  for (int i = argc; i-- > 0;)
    words.push_back(argv[i]);
  try {
    parser.parse(words);
  } catch (const CLI::ParseError &stop) {
    return parser.exit(stop, std::cout, std::cerr) == 0 ? kExitDone : kExitUsage;
  }
  return std::nullopt;
}

/// "--count" of "-n,--count".
static std::string lastName(const std::string &names) {
  const size_t comma = names.rfind(',');
  return comma == std::string::npos ? names : names.substr(comma + 1);
}

void ForwardedOptions::value(const std::string &names, const std::string &placeholder,
                             const std::string &help) {
  CLI::Option *option = app.add_option(names, help)->type_name(placeholder);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  options.push_back({option, lastName(names), /*takesValue=*/true});
}

void ForwardedOptions::flag(const std::string &names, const std::string &help) {
  options.push_back({app.add_flag(names, help), lastName(names), /*takesValue=*/false});
}

void ForwardedOptions::machine(const std::string &threadsPlaceholder) {
  value("-t,--threads", threadsPlaceholder, "threads (default: the physical CPUs)");
  value("--level", "L", "run this instruction-set level (default: the best that runs here)");
  value("--weights", "FILE", "weights of a model compiled with sidecar weights (default: in DIR)");
  flag("--huge-pages", "copy the weights into huge pages first: slower to start, faster to read");
}

std::vector<std::string> ForwardedOptions::words() const {
  std::vector<std::string> words;
  for (const Option &option : options) {
    if (option.option->count() == 0)
      continue;
    words.push_back(option.name);
    if (option.takesValue)
      words.push_back(option.option->results().back());
  }
  return words;
}

/// The level that the executable will run: the one asked for, else the best in it.
static const Level *levelOf(const CompiledModel &model, const Target &target,
                            const std::vector<std::string> &words) {
  const Level *best = nullptr;
  if (const auto levels = model.report.find("levels");
      levels != model.report.end() && levels->is_array())
    for (const auto &name : *levels)
      if (name.is_string())
        if (const Level *level = target.findLevel(name.get<std::string>()))
          best = std::max(best, level);
  for (size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "--level")
      if (const Level *asked = target.findLevel(words[i + 1]))
        best = asked;
  return best ? best : &target.levels.front();
}

static llvm::Expected<std::vector<std::string>> commandOf(const CompiledModel &model,
                                                          const std::vector<std::string> &words) {
  if (model.executable.empty())
    return driverError(kExitFailed, "'" + model.folder + "' holds no executable '" + model.name +
                                        "': it was compiled without '--emit exe'");
  const Target *target = findTarget(model.target);
  if (!target)
    return driverError(kExitMissing, "'" + model.folder + "' was compiled for '" + model.target +
                                         "', which this Ingot does not know");
  llvm::Expected<std::vector<std::string>> command =
      emulatorFor(*target, *levelOf(model, *target, words), Installation::ofThisProcess());
  if (command)
    command->push_back(model.executable);
  return command;
}

/// Multiply-adds of a token, as the report has them.
static void addMacs(const CompiledModel &model, std::vector<std::string> &words) {
  const auto macs = model.report.find("macs");
  if (macs == model.report.end() || !macs->is_object())
    return;
  for (auto [key, option] : {std::pair{"blocks", "--block-macs"}, {"head", "--head-macs"}})
    if (const auto value = macs->find(key); value != macs->end() && value->is_number_unsigned()) {
      words.push_back(option);
      words.push_back(std::to_string(value->get<uint64_t>()));
    }
}

int ingot::runCompiled(const std::string &folder, const std::string &verb,
                       std::vector<std::string> words, bool macs) {
  llvm::Expected<CompiledModel> model = CompiledModel::open(folder);
  if (!model)
    return reportError(model.takeError());
  llvm::Expected<std::vector<std::string>> command = commandOf(*model, words);
  if (!command)
    return reportError(command.takeError());
  if (macs)
    addMacs(*model, words);
  command->insert(command->end(), {"--ingot-verb", verb});
  command->insert(command->end(), words.begin(), words.end());
  llvm::Expected<int> code = runInForeground(*command);
  if (!code)
    return reportError(code.takeError());
  constexpr int kInterrupted = 128 + SIGINT, kTerminated = 128 + SIGTERM;
  if (*code > 128 && *code != kInterrupted && *code != kTerminated)
    return reportError(driverError(kExitFailed, "'" + model->executable + "' was ended by signal " +
                                                    std::to_string(*code - 128)));
  return *code;
}
