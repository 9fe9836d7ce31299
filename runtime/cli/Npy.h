// A NumPy 1.0 file of float32 that is written row after row and appears whole or not at all.
#ifndef INGOT_CLI_NPY_H
#define INGOT_CLI_NPY_H

#include <stddef.h>

namespace ingot::cli {

class NpyWriter {
public:
  ~NpyWriter(); // removes what was not finished

  // The methods say what went wrong and return an exit code.
  [[nodiscard]] int open(const char *path, size_t rows, size_t columns);
  [[nodiscard]] int write(const float *values, size_t count);
  [[nodiscard]] int finish();

private:
  const char *path = nullptr;
  char *temporary = nullptr; // null: written in place, because `path` is no regular file
  int descriptor = -1;
};

} // namespace ingot::cli
#endif
