#include "targets/Targets.h"

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Emulator.h"
#include "compiler/driver/Installation.h"
#include "compiler/driver/Report.h"
#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;

static bool succeeded(llvm::Error error) { return !llvm::errorToBool(std::move(error)); }

/// One object a target: what can be compiled, and how it runs on this machine.
static nlohmann::ordered_json describe(const Target &target, const Installation &installation) {
  nlohmann::ordered_json row;
  row["name"] = target.name;
  row["triple"] = target.triple;
  const bool sources = target.objectFormat == ObjectFormat::Source;
  row["compiles"] = succeeded(
      installation.targetFile(target.name, sources ? "build.sh" : "ingot_runtime.o").takeError());
  llvm::Expected<std::vector<std::string>> emulator =
      emulatorFor(target, target.levels.front(), installation);
  row["runs"] = !emulator ? "no" : emulator->empty() ? "native" : "emulator";
  llvm::consumeError(emulator.takeError());
  row["emits"] = target.emits;
  row["missing"] = nlohmann::ordered_json::array();
  for (const Requirement &requirement : target.requirements)
    if (!isMet(requirement))
      row["missing"].push_back({{"what", requirement.what}, {"command", requirement.command}});
  row["levels"] = nlohmann::ordered_json::array();
  for (const Level &level : target.levels) {
    nlohmann::ordered_json entry;
    entry["name"] = level.name;
    entry["usable"] = level.usableHere && level.usableHere();
    if (!level.emulatedCpu.empty())
      entry["emulated_cpu"] = level.emulatedCpu;
    row["levels"].push_back(std::move(entry));
  }
  return row;
}

static void printText(const nlohmann::ordered_json &rows) {
  for (const auto &row : rows) {
    llvm::outs() << llvm::format("%-14s", row["name"].get<std::string>().c_str());
    for (const auto &level : row["levels"])
      llvm::outs() << ' ' << level["name"].get<std::string>()
                   << (level["usable"].get<bool>() ? "*" : "");
    llvm::outs() << (row["compiles"].get<bool>() ? "" : "  (not built)")
                 << (row["runs"] == "emulator" ? "  (runs under an emulator)" : "") << '\n';
    for (const auto &missing : row["missing"])
      llvm::outs() << "    missing: " << missing["what"].get<std::string>() << "; get it with '"
                   << missing["command"].get<std::string>() << "'\n";
  }
  llvm::outs() << "* runs on this machine\n";
}

int ingot::targetsVerb(int argc, char **argv) {
  VerbParser parser("targets", "What can be compiled for, and what runs here.");
  std::string output = "text";
  parser.app()
      .add_option("-o,--output", output, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;
  const Installation installation = Installation::ofThisProcess();
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Target *target : targets())
    rows.push_back(describe(*target, installation));
  if (output == "json")
    llvm::outs() << formatJson(rows);
  else
    printText(rows);
  return kExitDone;
}
