// The rows of `bench` and how they are printed.
#ifndef INGOT_CLI_BENCH_H
#define INGOT_CLI_BENCH_H

#include "Array.h"
#include "OpenSession.h"

#include <stdint.h>

namespace ingot::cli {

struct Spread {
  double median, least, most;
};

// Sorts `samples`, of which there is at least one.
Spread spreadOf(Array<double> &samples);

// One test at one depth with one number of threads.
struct BenchRow {
  bool decode; // "tg", else "pp"
  uint32_t tokens, depth, threads;
  Spread tokensPerSecond;
  double bytesPerToken; // weights and KV cache that a token costs
  double macsPerToken;  // of the matrices; 0: not known
  double readCeiling;   // bytes per second
  double macPeak;       // per second

  double shareOfCeiling() const { return tokensPerSecond.median * bytesPerToken / readCeiling; }
  double shareOfMacPeak() const { return tokensPerSecond.median * macsPerToken / macPeak; }
};

struct StartRow {
  double firstTokenMs;
  uint64_t peakRssBytes;
};

// Measures new processes of this executable: from their start to their first token.
[[nodiscard]] int measureStart(const MachineOptions &machine, uint32_t threads, int64_t repetitions,
                               StartRow &row);

[[nodiscard]] int printBench(const Array<BenchRow> &rows, const StartRow &start, bool json);

} // namespace ingot::cli
#endif
