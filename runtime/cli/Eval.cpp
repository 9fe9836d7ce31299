// `eval`: logits of given ids into a file, or the perplexity of a text.

#include "Eval.h"

#include "Npy.h"

#include <string.h>

namespace ingot::cli {

int Feeder::open(const ingot_model *model, const EvalOptions &options) {
  if (int code = findWeights(model, options.machine, weights))
    return code;
  ingot_session_options how = {};
  how.prefill_chunk = static_cast<uint32_t>(options.chunk);
  if (int code = openSession(model, options.machine, weights, how, session))
    return code;
  ingot_session_info info = {};
  info.size = sizeof info;
  if (ingot_status status = ingot_session_get_info(session, &info))
    return failStatus(status, "ask the session");
  chunk = options.chunk != 0 ? static_cast<size_t>(options.chunk) : info.prefill_chunk;
  if (!logits.resize(chunk * ingot_model_vocab_size(model)))
    return fail(exitFailed, "out of memory");
  return exitDone;
}

int evalLogits(const ingot_model *model, const EvalOptions &options) {
  Array<char> text;
  IdLines lines;
  if (int code = readWhole(options.tokens, text))
    return code;
  if (int code = parseIds(model, options.tokens, text, lines))
    return code;
  const uint32_t context = ingot_model_max_context(model);
  for (size_t line = 0, begin = 0; line < lines.ends.size(); begin = lines.ends[line++])
    if (lines.ends[line] - begin > context)
      return fail(exitFailed,
                  "%s:%zu:1: the sequence has %zu tokens, expected at most %u (the context)",
                  options.tokens, lines.numbers[line], lines.ends[line] - begin, context);

  Feeder feeder;
  if (int code = feeder.open(model, options))
    return code;
  const size_t vocabulary = ingot_model_vocab_size(model);
  NpyWriter writer;
  if (int code = writer.open(options.logits, lines.ids.size(), vocabulary))
    return code;
  for (size_t line = 0, begin = 0; line < lines.ends.size(); begin = lines.ends[line++])
    if (int code = feeder.feed(lines.ids.data() + begin, lines.ends[line] - begin,
                               [&](size_t, size_t rows, const float *values) {
                                 return writer.write(values, rows * vocabulary);
                               }))
      return code;
  return writer.finish();
}

int evalVerb(int argc, char **argv) {
  EvalOptions o;
  bool chunkGiven = false, windowGiven = false, outputGiven = false;
  const Option table[] = {
      {Option::Text, 0, "tokens", &o.tokens, 0, 0, "IDS.txt", "sequences of ids, one a line"},
      {Option::Text, 0, "logits", &o.logits, 0, 0, "OUT.npy", "where the logits go"},
      {Option::Text, 0, "perplexity", &o.perplexity, 0, 0, "TEXT.txt", "text to measure"},
      {Option::Integer, 0, "window", &o.window, 2, 1 << 30, "W",
       "tokens in a window (default: 2048 or the context)", &windowGiven},
      {Option::Integer, 0, "chunk", &o.chunk, 1, 512, "M",
       "tokens fed at a time (default: the largest step)", &chunkGiven},
      {Option::Text, 'o', "output", &o.output, 0, 0, "FORMAT", "text or json", &outputGiven},
      INGOT_CLI_THREADS_OPTION(o.machine),
      INGOT_CLI_MACHINE_OPTIONS(o.machine),
  };
  Parsed parsed = parseOptions(argc, argv, table, sizeof table / sizeof *table,
                               "ingot eval DIR (--tokens IDS.txt --logits OUT.npy | --perplexity "
                               "TEXT.txt) [options]");
  if (parsed.end)
    return parsed.code;
  const ingot_model *model = ingot_cli_model();
  if (o.perplexity) {
    if (o.tokens || o.logits)
      return fail(exitUsage, "option '--perplexity' excludes '--tokens' and '--logits'");
    if (strcmp(o.output, "text") != 0 && strcmp(o.output, "json") != 0)
      return fail(exitUsage, "option '-o' is '%s', expected 'text' or 'json'", o.output);
    return evalPerplexity(model, o);
  }
  if (!o.tokens || !o.logits)
    return fail(exitUsage, "expected '--tokens' and '--logits', or '--perplexity'");
  if (windowGiven || outputGiven)
    return fail(exitUsage, "option '%s' goes with '--perplexity' only",
                windowGiven ? "--window" : "-o");
  return evalLogits(model, o);
}

} // namespace ingot::cli
