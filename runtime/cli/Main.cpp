// The executable that `ingot compile` writes. Alone it is `run`; the driver reaches the other verbs
// as `NAME --ingot-verb VERB ...`.

#include "Cli.h"

#include <signal.h>
#include <string.h>

using namespace ingot::cli;

int main(int argc, char **argv) {
  // A reader that went away is an error of write, not a death.
  signal(SIGPIPE, SIG_IGN);

  if (argc < 2 || strcmp(argv[1], "--ingot-verb") != 0)
    return runVerb(argc - 1, argv + 1);

  static constexpr struct {
    const char *name;
    int (*body)(int argc, char **argv);
  } verbs[] = {
      {"run", runVerb},     {"eval", evalVerb},   {"tokenize", tokenizeVerb},
      {"bench", benchVerb}, {"start", startVerb}, {"info", infoVerb},
  };
  for (const auto &verb : verbs)
    if (argc >= 3 && strcmp(argv[2], verb.name) == 0)
      return verb.body(argc - 3, argv + 3);
  return fail(exitUsage, "'--ingot-verb' needs run, eval, tokenize, bench, start or info");
}
