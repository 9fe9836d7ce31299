//===- CommandLine.h - What the verbs' command lines share ------*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_COMMANDLINE_H
#define INGOT_COMPILER_TOOLS_INGOT_COMMANDLINE_H

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace ingot {

/// The parser of one verb: --help, --version, exit code 2 for what it refuses.
class VerbParser {
public:
  VerbParser(const std::string &verb, const std::string &summary);

  CLI::App &app() { return parser; }

  /// Nothing when the verb may go on, else the exit code to end with.
  std::optional<int> parse(int argc, char **argv);

private:
  CLI::App parser;
};

/// Options that the compiled executable understands. They are listed and
/// recognised here and handed on as they are: their ranges are checked in one
/// place, the executable.
class ForwardedOptions {
public:
  explicit ForwardedOptions(CLI::App &app) : app(app) {}

  /// `names` as CLI11 has them ("-n,--count"); the last one is handed on.
  void value(const std::string &names, const std::string &placeholder, const std::string &help);
  void flag(const std::string &names, const std::string &help);

  /// -t, --level and --weights.
  void machine(const std::string &threadsPlaceholder = "N");

  /// The words of all options that were given.
  std::vector<std::string> words() const;

private:
  struct Option {
    CLI::Option *option;
    std::string name;
    bool takesValue;
  };

  CLI::App &app;
  std::vector<Option> options;
};

/// Runs `verb` of the executable in `folder` to its end, with `words` behind
/// it. `macs`: also tells it how many products a token costs.
int runCompiled(const std::string &folder, const std::string &verb, std::vector<std::string> words,
                bool macs = false);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_COMMANDLINE_H
