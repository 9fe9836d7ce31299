// Bytes in and out: whole files, standard input, a mapping of a sidecar.
#ifndef INGOT_CLI_FILES_H
#define INGOT_CLI_FILES_H

#include "Array.h"

namespace ingot::cli {

// Reads `path`, or standard input when it is null, to the end. Says what went wrong and returns an
// exit code.
[[nodiscard]] int readWhole(const char *path, Array<char> &bytes);

// Writes everything, whatever the chunks the system takes; false with errno set.
[[nodiscard]] bool writeAll(int descriptor, const void *data, size_t bytes);

// To standard output, or an exit code with the reason said.
[[nodiscard]] int writeOutput(const void *data, size_t bytes);

// A whole file, mapped for reading; ends with the process.
struct Mapping {
  const void *data = nullptr;
  size_t bytes = 0;
};
[[nodiscard]] int mapFile(const char *path, Mapping &mapping);

} // namespace ingot::cli
#endif
