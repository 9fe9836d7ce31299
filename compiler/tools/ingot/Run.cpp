#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

int ingot::runVerb(int argc, char **argv) {
  VerbParser parser("run", "Continues a prompt and streams the text.");
  std::string folder;
  parser.app().add_option("DIR", folder, "output of 'ingot compile'")->required();
  ForwardedOptions forwarded(parser.app());
  forwarded.value("-p,--prompt", "TEXT", "the prompt");
  forwarded.value("-f,--file", "FILE", "read the prompt from FILE (default: from standard input)");
  forwarded.value("-n,--count", "N", "most tokens to generate (default: -1, no limit)");
  forwarded.machine();
  forwarded.value("--temp", "X", "temperature (default: 0, greedy)");
  forwarded.value("--top-k", "K", "choose among the K most probable tokens");
  forwarded.value("--top-p", "P", "choose among the most probable tokens that sum up to P");
  forwarded.value("--min-p", "M", "leave out tokens less than M times as probable as the first");
  forwarded.value("--repeat-penalty", "R", "make tokens of the last 64 less likely");
  forwarded.value("--seed", "S", "seed of the draws");
  forwarded.flag("--chat", "put the prompt as a user's turn into the model's chat template");
  forwarded.value("--lookup", "N", "draft up to N tokens by prompt lookup");
  forwarded.flag("-v,--stats", "print tokens/s to standard error even when it is no terminal");
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;
  return runCompiled(folder, "run", forwarded.words());
}
