// Command-line options as a table: name, where the value goes, the range it must lie in.
#ifndef INGOT_CLI_OPTIONS_H
#define INGOT_CLI_OPTIONS_H

#include "Array.h"

#include <stddef.h>
#include <stdint.h>

namespace ingot::cli {

using IntegerList = Array<int64_t>;

struct Option {
  enum Kind : uint8_t {
    Flag,     // bool *
    Text,     // const char **
    Integer,  // int64_t *
    Real,     // double *
    Integers, // IntegerList *, "1,2,8"; the option replaces what is in it
  };
  Kind kind;
  char shortName;       // 'n', or 0
  const char *longName; // "temp", or null
  void *value;
  double least = 0, most = 0; // of numbers, both included
  const char *valueName = nullptr;
  const char *help = nullptr; // null: not listed by --help
  bool *given = nullptr;      // set when the option appears
};

// One word that is no option, or null where none is allowed.
struct Positional {
  const char *name;
  const char **value;
};

// What parseOptions answers: go on, or end with this code.
struct Parsed {
  bool end;
  int code;
};

// Accepts --name V, --name=V, -n V and -nV; "--" ends the options. A value may begin with '-'.
// --help prints the table and --version the version; both end with 0. A mistake is said and ends
// with 2.
[[nodiscard]] Parsed parseOptions(int argc, char **argv, const Option *options, size_t count,
                                  const char *usage, Positional positional = {});

} // namespace ingot::cli
#endif
