#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

int ingot::evalVerb(int argc, char **argv) {
  VerbParser parser("eval", "Logits of given ids, or the perplexity of a text.");
  std::string folder;
  parser.app().add_option("DIR", folder, "output of 'ingot compile'")->required();
  ForwardedOptions forwarded(parser.app());
  forwarded.value("--tokens", "IDS.txt", "sequences of ids, one a line");
  forwarded.value("--logits", "OUT.npy", "where their logits go");
  forwarded.value("--perplexity", "TEXT.txt", "text to measure");
  forwarded.value("--window", "W", "tokens in a window (default: 2048 or the context)");
  forwarded.value("--chunk", "M", "tokens fed at a time, 1 to 512");
  forwarded.value("-o,--output", "FORMAT", "form of the perplexity: text or json");
  forwarded.machine();
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;
  return runCompiled(folder, "eval", forwarded.words());
}
