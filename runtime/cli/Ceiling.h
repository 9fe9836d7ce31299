// How fast this machine can read and multiply, measured by the threads that run the model.
#ifndef INGOT_CLI_CEILING_H
#define INGOT_CLI_CEILING_H

#include "ingot/ingot.h"

#include <stddef.h>
#include <stdint.h>

namespace ingot::cli {

// Reads of as many bytes as the weights have, each thread its contiguous share from front to back:
// of the weights where they are mapped, and of anonymous memory in huge pages. The better one is
// the ceiling.
class ReadCeiling {
public:
  ~ReadCeiling();

  [[nodiscard]] int open(const void *weights, size_t bytes);

  // Bytes per second of one pass.
  double readWeights(ingot_team *team) const { return read(team, weights); }
  double readAnonymous(ingot_team *team) const { return read(team, anonymous); }
  // Puts the anonymous pages where the threads of `team` run.
  void touch(ingot_team *team) const;

private:
  double read(ingot_team *team, const void *from) const;

  const void *weights = nullptr;
  void *anonymous = nullptr;
  size_t bytes = 0;
};

// Multiply-adds of 8-bit integers per second, by all threads of `team`, with the best instruction
// of `level`.
double macPeak(ingot_team *team, const char *level);

} // namespace ingot::cli

// Device code of the target, where it has any: runs `rounds` rounds of independent 8-bit products
// in registers and answers how many multiply-adds that were, 0 for a level it does not know.
extern "C" __attribute__((weak)) uint64_t ingot_device_mac_rounds(const char *level,
                                                                  uint64_t rounds);
#endif
