//===- main.cpp - ingot: compiles and runs small language models ----------===//

#include "compiler/driver/DriverError.h"
#include "compiler/driver/Installation.h"
#include "compiler/tools/ingot/Verbs.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>

using namespace ingot;

static constexpr struct {
  const char *name;
  int (*body)(int argc, char **argv);
  const char *summary;
} kVerbs[] = {
    {"compile", compileVerb, "compile a model into a folder"},
    {"run", runVerb, "continue a prompt with a compiled model"},
    {"eval", evalVerb, "logits or perplexity of a compiled model"},
    {"tokenize", tokenizeVerb, "text to token ids and back"},
    {"bench", benchVerb, "measure a compiled model beside the machine's limits"},
    {"inspect", inspectVerb, "say what a model or a compiled folder holds"},
    {"targets", targetsVerb, "list what can be compiled for and what runs here"},
};

static void printHelp() {
  llvm::outs() << "usage: ingot VERB [options]\n\nverbs:\n";
  for (const auto &verb : kVerbs) {
    llvm::outs() << "  " << verb.name;
    llvm::outs().indent(12 - static_cast<unsigned>(llvm::StringRef(verb.name).size()))
        << verb.summary << '\n';
  }
  llvm::outs() << "\n'ingot VERB --help' lists the options of a verb.\n";
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN); // a reader that went away is an error of write
  const llvm::StringRef word = argc > 1 ? argv[1] : "";
  if (word == "--help" || word == "-h" || word == "help") {
    printHelp();
    return kExitDone;
  }
  if (word == "--version") {
    llvm::outs() << "ingot " << kVersion << '\n';
    return kExitDone;
  }
  for (const auto &verb : kVerbs)
    if (word == verb.name)
      return verb.body(argc - 2, argv + 2);
  if (word.empty())
    return reportError(driverError(kExitUsage, "expected a verb, see 'ingot --help'"));
  return reportError(driverError(kExitUsage, "unknown verb '" + word + "', see 'ingot --help'"));
}
