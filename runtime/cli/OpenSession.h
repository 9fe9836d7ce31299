// A session with the options that every verb has: threads, level, where the sidecar is.
#ifndef INGOT_CLI_OPENSESSION_H
#define INGOT_CLI_OPENSESSION_H

#include "Cli.h"
#include "Files.h"
#include "Options.h"

namespace ingot::cli {

struct MachineOptions {
  int64_t threads = 0; // 0: the physical CPUs
  const char *level = nullptr;
  const char *weights = nullptr;
  bool hugePages = false;
};

// Rows of an option table; `options` outlives it.
#define INGOT_CLI_THREADS_OPTION(options)                                                          \
  {Option::Integer,                                                                                \
   't',                                                                                            \
   "threads",                                                                                      \
   &(options).threads,                                                                             \
   1,                                                                                              \
   256,                                                                                            \
   "N",                                                                                            \
   "threads (default: the physical CPUs)"}
#define INGOT_CLI_MACHINE_OPTIONS(options)                                                         \
  {Option::Text,                                                                                   \
   0,                                                                                              \
   "level",                                                                                        \
   &(options).level,                                                                               \
   0,                                                                                              \
   0,                                                                                              \
   "L",                                                                                            \
   "run this instruction-set level (default: the best that runs here)"},                           \
      {Option::Text,                                                                               \
       0,                                                                                          \
       "weights",                                                                                  \
       &(options).weights,                                                                         \
       0,                                                                                          \
       0,                                                                                          \
       "FILE",                                                                                     \
       "weights of a model compiled with sidecar weights (default: beside the executable)"},       \
      {Option::Flag,                                                                               \
       0,                                                                                          \
       "huge-pages",                                                                               \
       &(options).hugePages,                                                                       \
       0,                                                                                          \
       0,                                                                                          \
       nullptr,                                                                                    \
       "copy the weights into huge pages first: slower to start, faster to read"}

// Exit 2 when the level asked for is none of the model's.
[[nodiscard]] int checkLevel(const ingot_model *model, const char *level);

// The weights of the model, wherever they are; empty when they are embedded.
[[nodiscard]] int findWeights(const ingot_model *model, const MachineOptions &machine,
                              Mapping &weights);

// Creates a session. `options` says what differs from the defaults; threads (unless a team is
// given), level and weights are filled in.
[[nodiscard]] int openSession(const ingot_model *model, const MachineOptions &machine,
                              const Mapping &weights, ingot_session_options &options,
                              ingot_session *&session);

} // namespace ingot::cli
#endif
