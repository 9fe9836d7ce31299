#include "compiler/tools/ingot/CommandLine.h"
#include "compiler/tools/ingot/Verbs.h"

int ingot::tokenizeVerb(int argc, char **argv) {
  VerbParser parser("tokenize", "Text to token ids or pieces, and ids to text.");
  std::string folder, text;
  parser.app().add_option("DIR", folder, "output of 'ingot compile'")->required();
  CLI::Option *given = parser.app().add_option("TEXT", text, "the text (default: standard input)");
  ForwardedOptions forwarded(parser.app());
  forwarded.value("-f,--file", "FILE", "take the bytes of FILE");
  forwarded.flag("--ids", "print ids on one line");
  forwarded.flag("--decode", "turn ids into their exact bytes");
  forwarded.flag("--no-special", "read added tokens in the text as plain text");
  if (std::optional<int> end = parser.parse(argc, argv))
    return *end;
  std::vector<std::string> words = forwarded.words();
  if (given->count() != 0)
    words.insert(words.end(), {"--", text});
  return runCompiled(folder, "tokenize", std::move(words));
}
