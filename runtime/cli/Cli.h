// What every verb of the executable shares: the model, the exit codes, how an error is said.
#ifndef INGOT_CLI_CLI_H
#define INGOT_CLI_CLI_H

#include "ingot/ingot.h"

// The one thing that differs between executables: three generated lines define it.
extern "C" const ingot_model *ingot_cli_model(void);

namespace ingot::cli {

enum ExitCode : int {
  exitDone = 0,
  exitFailed = 1,      // a malformed or missing input included
  exitUsage = 2,       // a bad option or value
  exitUnsupported = 3, // the model has not what was asked for
  exitMissing = 5,     // no compiled level runs on this machine
  exitInterrupted = 130,
};

// Prints "NAME: error: ..." and returns `code`, so that a failure reads `return fail(...)`.
[[nodiscard]] int fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

// The same for a failed call of the library; `doing` says what was tried ("create a session").
[[nodiscard]] int failStatus(ingot_status status, const char *doing);

// Exit 3 when the model has no tokenizer, else 0.
[[nodiscard]] int needTokenizer(const ingot_model *model);

// The verbs. `argv` holds the options behind the verb's name.
int runVerb(int argc, char **argv);
int evalVerb(int argc, char **argv);
int tokenizeVerb(int argc, char **argv);
int benchVerb(int argc, char **argv);
int startVerb(int argc, char **argv); // spawned by bench: one token from a new process
int infoVerb(int argc, char **argv);

} // namespace ingot::cli
#endif
