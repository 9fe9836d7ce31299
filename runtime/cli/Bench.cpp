// `bench`: prefill and decode speed beside what the machine could do at most.

#include "Bench.h"

#include "Ceiling.h"
#include "Clock.h"

#include <string.h>

namespace ingot::cli {

namespace {

struct BenchOptions {
  MachineOptions machine;
  IntegerList prompts, counts, depths, threads;
  int64_t repetitions = 5;
  const char *output = "md";
  // From the driver, which knows the architecture: multiply-adds of all runs of the blocks for one
  // token, and of the head for one row of logits.
  int64_t blockMacs = 0, headMacs = 0;
};

// All measurements with one number of threads.
class Bench {
public:
  Bench(const ingot_model *model, const BenchOptions &options) : model(model), options(options) {}
  ~Bench() {
    ingot_session_destroy(session);
    ingot_team_destroy(team);
  }

  [[nodiscard]] int open(const Mapping &weights, uint32_t threads);
  [[nodiscard]] int run(Array<BenchRow> &rows);

private:
  int runKind(bool decode, int64_t depth, Array<BenchRow> &rows);
  int measure(bool decode, uint32_t tokens, uint32_t depth, BenchRow &row);
  int once(bool decode, uint32_t tokens, uint32_t depth, double &seconds);
  double bytesPerToken(bool decode, uint32_t tokens, uint32_t depth) const;

  const ingot_model *model;
  const BenchOptions &options;
  ingot_team *team = nullptr;
  ingot_session *session = nullptr;
  ingot_session_info info = {};
  ReadCeiling ceiling;
  Array<int32_t> ids; // what is fed: arbitrary but always the same
};

int Bench::open(const Mapping &sidecar, uint32_t threads) {
  ingot_team_options teamOptions = {};
  teamOptions.size = sizeof teamOptions;
  teamOptions.threads = threads;
  if (ingot_status status = ingot_team_create(&teamOptions, nullptr, 0, &team))
    return failStatus(status, "create a team");
  ingot_session_options how = {};
  how.team = team;
  if (int code = openSession(model, options.machine, sidecar, how, session))
    return code;
  info.size = sizeof info;
  if (ingot_status status = ingot_session_get_info(session, &info))
    return failStatus(status, "ask the session");

  const void *weights = ingot_model_weights(model);
  if (int code = ceiling.open(weights ? weights : sidecar.data, ingot_model_weights_bytes(model)))
    return code;
  ceiling.touch(team);

  if (!ids.resize(ingot_model_max_context(model)))
    return fail(exitFailed, "out of memory");
  uint64_t state = 1;
  for (int32_t &id : ids) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    id = static_cast<int32_t>((state >> 33) % ingot_model_vocab_size(model));
  }
  return exitDone;
}

// Every token of decode reads the weights and all positions before it; a chunk of prefill reads
// both once for all of its rows.
double Bench::bytesPerToken(bool decode, uint32_t tokens, uint32_t depth) const {
  const double weights = static_cast<double>(ingot_model_weights_read_per_token(model));
  const double position = ingot_model_kv_bytes_per_position(model);
  const uint32_t chunk = decode ? 1 : info.prefill_chunk;
  double total = 0;
  for (uint32_t done = 0; done < tokens; done += chunk) {
    const uint32_t rows = tokens - done < chunk ? tokens - done : chunk;
    total += weights + position * (static_cast<double>(depth) + done + rows);
  }
  return total / tokens;
}

int Bench::once(bool decode, uint32_t tokens, uint32_t depth, double &seconds) {
  if (ingot_status status = ingot_session_rewind(session, depth))
    return failStatus(status, "rewind");
  ingot_status status = INGOT_OK;
  const double begin = now();
  if (decode) {
    for (uint32_t i = 0; i < tokens && status == INGOT_OK; ++i)
      status = ingot_session_decode(session, ids[depth + i]);
  } else {
    status = ingot_session_prefill(session, ids.data() + depth, tokens);
  }
  seconds = now() - begin;
  return status == INGOT_OK ? exitDone : failStatus(status, decode ? "decode" : "prefill");
}

int Bench::measure(bool decode, uint32_t tokens, uint32_t depth, BenchRow &row) {
  Array<double> speeds, weightReads, anonymousReads, peaks;
  double seconds;
  if (int code = once(decode, tokens, depth, seconds)) // warms caches and pages; not counted
    return code;
  for (int64_t i = 0; i < options.repetitions; ++i) {
    if (int code = once(decode, tokens, depth, seconds))
      return code;
    if (!speeds.push(tokens / seconds) || !weightReads.push(ceiling.readWeights(team)) ||
        !anonymousReads.push(ceiling.readAnonymous(team)) || !peaks.push(macPeak(team, info.level)))
      return fail(exitFailed, "out of memory");
  }
  const double mapped = spreadOf(weightReads).median, anonymous = spreadOf(anonymousReads).median;
  row.decode = decode;
  row.tokens = tokens;
  row.depth = depth;
  row.threads = info.threads;
  row.tokensPerSecond = spreadOf(speeds);
  row.bytesPerToken = bytesPerToken(decode, tokens, depth);
  row.macsPerToken = static_cast<double>(options.blockMacs) +
                     static_cast<double>(options.headMacs) / (decode ? 1 : tokens);
  row.readCeiling = mapped > anonymous ? mapped : anonymous;
  row.macPeak = spreadOf(peaks).median;
  return exitDone;
}

int Bench::run(Array<BenchRow> &rows) {
  for (int64_t depth : options.depths) {
    if (ingot_status status = ingot_session_rewind(session, 0))
      return failStatus(status, "rewind");
    if (depth != 0)
      if (ingot_status status =
              ingot_session_prefill(session, ids.data(), static_cast<size_t>(depth)))
        return failStatus(status, "prefill");
    if (int code = runKind(/*decode=*/false, depth, rows))
      return code;
    if (int code = runKind(/*decode=*/true, depth, rows))
      return code;
  }
  return exitDone;
}

int Bench::runKind(bool decode, int64_t depth, Array<BenchRow> &rows) {
  for (int64_t tokens : decode ? options.counts : options.prompts) {
    BenchRow row;
    if (tokens == 0) // as in -p 0: leave this kind of test out
      continue;
    if (int code =
            measure(decode, static_cast<uint32_t>(tokens), static_cast<uint32_t>(depth), row))
      return code;
    if (!rows.push(row))
      return fail(exitFailed, "out of memory");
  }
  return exitDone;
}

int64_t mostOf(const IntegerList &list) {
  int64_t most = 0;
  for (int64_t value : list)
    most = value > most ? value : most;
  return most;
}

// Fills a list that no option gave with its default, and refuses what does not fit the context.
int completeOptions(const ingot_model *model, BenchOptions &o) {
  const int64_t context = ingot_model_max_context(model);
  const auto otherwise = [](IntegerList &list, int64_t value) {
    return list.size() != 0 || list.push(value);
  };
  bool good = otherwise(o.depths, 0);
  const int64_t left = context - mostOf(o.depths);
  good = good && otherwise(o.prompts, left < 512 ? (left > 0 ? left : 0) : 512) &&
         otherwise(o.counts, left < 128 ? (left > 0 ? left : 0) : 128) && otherwise(o.threads, 0);
  if (!good)
    return fail(exitFailed, "out of memory");
  const int64_t longest =
      mostOf(o.prompts) > mostOf(o.counts) ? mostOf(o.prompts) : mostOf(o.counts);
  if (mostOf(o.depths) + longest > context)
    return fail(exitUsage, "%lld tokens at depth %lld do not fit the context of %lld",
                static_cast<long long>(longest), static_cast<long long>(mostOf(o.depths)),
                static_cast<long long>(context));
  return exitDone;
}

} // namespace

Spread spreadOf(Array<double> &samples) {
  qsort(samples.data(), samples.size(), sizeof(double), [](const void *a, const void *b) {
    const double x = *static_cast<const double *>(a), y = *static_cast<const double *>(b);
    return x < y ? -1 : x > y ? 1 : 0;
  });
  const size_t middle = samples.size() / 2;
  const double median =
      samples.size() % 2 ? samples[middle] : (samples[middle - 1] + samples[middle]) / 2;
  return {median, samples[0], samples[samples.size() - 1]};
}

int benchVerb(int argc, char **argv) {
  BenchOptions o;
  constexpr double many = 1 << 30;
  const Option table[] = {
      {Option::Integers, 'p', "prompt", &o.prompts, 0, many, "N,...",
       "prompt lengths; 0: none (default: 512)"},
      {Option::Integers, 'n', "count", &o.counts, 0, many, "N,...",
       "tokens to decode; 0: none (default: 128)"},
      {Option::Integers, 'd', "depth", &o.depths, 0, many, "N,...",
       "tokens that stand before them (default: 0)"},
      {Option::Integers, 't', "threads", &o.threads, 1, 256, "N,...",
       "threads (default: the physical CPUs)"},
      {Option::Integer, 'r', "repetitions", &o.repetitions, 1, 10000, "R",
       "measurements of every row (default: 5)"},
      {Option::Text, 'o', "output", &o.output, 0, 0, "FORMAT", "md or json (default: md)"},
      {Option::Integer, 0, "block-macs", &o.blockMacs, 0, 9e15},
      {Option::Integer, 0, "head-macs", &o.headMacs, 0, 9e15},
      INGOT_CLI_MACHINE_OPTIONS(o.machine),
  };
  Parsed parsed =
      parseOptions(argc, argv, table, sizeof table / sizeof *table, "ingot bench DIR [options]");
  if (parsed.end)
    return parsed.code;
  const bool json = strcmp(o.output, "json") == 0;
  if (!json && strcmp(o.output, "md") != 0)
    return fail(exitUsage, "option '-o' is '%s', expected 'md' or 'json'", o.output);
  const ingot_model *model = ingot_cli_model();
  if (int code = completeOptions(model, o))
    return code;
  if (int code = checkLevel(model, o.machine.level))
    return code;
  Mapping weights;
  if (int code = findWeights(model, o.machine, weights))
    return code;

  Array<BenchRow> rows;
  StartRow start = {};
  const uint32_t firstThreads = static_cast<uint32_t>(o.threads[0]);
  if (int code = measureStart(o.machine, firstThreads, o.repetitions, start))
    return code;
  for (int64_t threads : o.threads) {
    Bench bench(model, o);
    if (int code = bench.open(weights, static_cast<uint32_t>(threads)))
      return code;
    if (int code = bench.run(rows))
      return code;
  }
  return printBench(rows, start, json);
}

} // namespace ingot::cli
