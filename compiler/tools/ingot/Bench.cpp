#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

int ingot::benchVerb(int argc, char **argv) {
  VerbParser parser("bench", "Prefill and decode speed beside what the machine could do at most.");
  std::string folder;
  parser.app().add_option("DIR", folder, "output of 'ingot compile'")->required();
  ForwardedOptions forwarded(parser.app());
  forwarded.value("-p,--prompt", "N,...", "prompt lengths; 0: none (default: 512)");
  forwarded.value("-n,--count", "N,...", "tokens to decode; 0: none (default: 128)");
  forwarded.value("-d,--depth", "N,...", "tokens that stand before them (default: 0)");
  forwarded.value("-r,--repetitions", "R", "measurements of every row (default: 5)");
  forwarded.value("-o,--output", "FORMAT", "md or json (default: md)");
  forwarded.machine("N,...");
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;
  return runCompiled(folder, "bench", forwarded.words(), /*macs=*/true);
}
