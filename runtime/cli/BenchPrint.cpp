// The rows of `bench` as JSON or as a table.

#include "Bench.h"

#include <stdarg.h>
#include <stdio.h>

namespace ingot::cli {

static bool put(Array<char> &out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool put(Array<char> &out, const char *format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return out.append(text, static_cast<size_t>(length));
}

static bool putJson(const BenchRow &row, Array<char> &out) {
  bool good =
      put(out,
          "{\"test\":\"%s%u\",\"depth\":%u,\"threads\":%u,\"tokens_per_second\":"
          "{\"median\":%.6g,\"min\":%.6g,\"max\":%.6g},\"bytes_per_token\":%.10g,"
          "\"read_ceiling_gbps\":%.6g,\"share_of_ceiling\":%.4g,\"mac_peak_gmacs\":%.6g,",
          row.decode ? "tg" : "pp", row.tokens, row.depth, row.threads, row.tokensPerSecond.median,
          row.tokensPerSecond.least, row.tokensPerSecond.most, row.bytesPerToken,
          row.readCeiling * 1e-9, row.shareOfCeiling(), row.macPeak * 1e-9);
  // Only the driver knows the number of products; the executable alone cannot say the share.
  if (row.macsPerToken == 0)
    return good && put(out, "\"share_of_mac_peak\":null}");
  return good && put(out, "\"share_of_mac_peak\":%.4g}", row.shareOfMacPeak());
}

static bool putTable(const BenchRow &row, Array<char> &out) {
  char test[24];
  snprintf(test, sizeof test, "%s%u", row.decode ? "tg" : "pp", row.tokens);
  bool good =
      put(out, "| %6s | %5u | %7u | %9.2f | %9.2f | %9.2f | %8.2f | %6.1f | %5.1f %% | %8.1f | ",
          test, row.depth, row.threads, row.tokensPerSecond.median, row.tokensPerSecond.least,
          row.tokensPerSecond.most, row.bytesPerToken * 1e-6, row.readCeiling * 1e-9,
          row.shareOfCeiling() * 100, row.macPeak * 1e-9);
  if (row.macsPerToken == 0)
    return good && put(out, "      - |\n");
  return good && put(out, "%5.1f %% |\n", row.shareOfMacPeak() * 100);
}

int printBench(const Array<BenchRow> &rows, const StartRow &start, bool json) {
  Array<char> out;
  bool good;
  if (json) {
    good = put(out, "[");
    for (const BenchRow &row : rows)
      good = good && putJson(row, out) && put(out, ",\n ");
    good =
        good && put(out, "{\"test\":\"start\",\"first_token_ms\":%.6g,\"peak_rss_bytes\":%llu}]\n",
                    start.firstTokenMs, static_cast<unsigned long long>(start.peakRssBytes));
  } else {
    good = put(out, "|   test | depth | threads |  tokens/s |       min |       max | MB/token |"
                    "   GB/s | of read | Gmacs/s | of peak |\n") &&
           put(out, "| -----: | ----: | ------: | --------: | --------: | --------: | -------: |"
                    " -----: | ------: | ------: | ------: |\n");
    for (const BenchRow &row : rows)
      good = good && putTable(row, out);
    good = good && put(out, "\nstart: first token after %.1f ms, peak memory %.1f MB\n",
                       start.firstTokenMs, static_cast<double>(start.peakRssBytes) * 1e-6);
  }
  if (!good)
    return fail(exitFailed, "out of memory");
  return writeOutput(out.data(), out.size());
}

} // namespace ingot::cli
