#ifndef INGOT_CLI_CLOCK_H
#define INGOT_CLI_CLOCK_H

#include <time.h>

namespace ingot::cli {

// Seconds since some fixed moment.
inline double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

} // namespace ingot::cli
#endif
