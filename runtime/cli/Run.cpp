// `run`: continue a prompt and stream the text.

#include "Clock.h"
#include "OpenSession.h"
#include "Tokens.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

namespace ingot::cli {

namespace {

struct RunOptions {
  MachineOptions machine;
  const char *prompt = nullptr;
  const char *file = nullptr;
  int64_t count = -1; // -1: until an end token or the end of the context
  double temperature = 0, topP = 0, minP = 0, repeatPenalty = 0;
  int64_t topK = 0, seed = 0, lookup = 0;
  bool chat = false, stats = false;
};

// The session that an interrupt ends. Written before the handlers are installed.
ingot_session *interruptible = nullptr;
volatile sig_atomic_t interrupted = 0;

void onInterrupt(int number) {
  interrupted = number;
  ingot_session_cancel(interruptible);
}

// The first signal ends the text at the next token; the second one finds the system's own handler.
void catchInterrupts(ingot_session *session) {
  interruptible = session;
  struct sigaction action = {};
  action.sa_handler = onInterrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

// Turns tokens into text on standard output. Nothing here allocates: a token's text that does not
// fit the buffer is asked for in a larger one, which no vocabulary has needed so far.
class Printer {
public:
  Printer(const ingot_model *model, uint32_t flags) : model(model) {
    detokenizer.size = sizeof detokenizer;
    detokenizer.flags = flags;
  }

  static int onToken(void *user, int32_t token) {
    return static_cast<Printer *>(user)->print(token) ? 0 : 1;
  }

  void finish() {
    size_t bytes = sizeof text;
    if (ingot_detokenizer_finish(model, &detokenizer, text, &bytes) == INGOT_OK)
      put(bytes);
    text[0] = '\n';
    put(1);
  }

  int exitCode() const { return code; }
  double firstTokenTime() const { return firstToken; }

private:
  bool print(int32_t token) {
    if (firstToken == 0)
      firstToken = now();
    size_t bytes = sizeof text;
    ingot_status status = ingot_detokenizer_next(model, &detokenizer, token, text, &bytes);
    if (status != INGOT_OK) {
      code = failStatus(status, "turn a token into text");
      return false;
    }
    put(bytes);
    return code == exitDone;
  }

  void put(size_t bytes) {
    if (code == exitDone && bytes != 0)
      code = writeOutput(text, bytes);
  }

  const ingot_model *model;
  ingot_detokenizer detokenizer = {};
  double firstToken = 0;
  int code = exitDone;
  char text[4096];
};

int promptIds(const ingot_model *model, const RunOptions &options, Array<int32_t> &ids) {
  Array<char> read;
  const char *text = options.prompt;
  size_t bytes = text ? strlen(text) : 0;
  if (!text) {
    if (int code = readWhole(options.file, read))
      return code;
    text = read.data();
    bytes = read.size();
  }
  if (int code = options.chat ? renderChat(model, text, bytes, ids)
                              : tokenizeText(model, text, bytes, /*flags=*/0, ids))
    return code;
  if (ids.size() == 0)
    return fail(exitFailed, "the prompt is empty, expected at least one token");
  uint32_t context = ingot_model_max_context(model);
  if (ids.size() > context)
    return fail(exitFailed, "the prompt is %zu tokens long, expected at most %u (the context)",
                ids.size(), context);
  return exitDone;
}

void printStats(size_t promptTokens, double begin, double fed, const Printer &printer,
                const ingot_generate_result &result, double end) {
  fprintf(stderr, "prompt: %zu tokens, %.1f tokens/s", promptTokens,
          static_cast<double>(promptTokens) / (fed - begin));
  if (result.tokens != 0)
    fprintf(stderr, "; first token after %.1f ms", (printer.firstTokenTime() - begin) * 1e3);
  if (result.tokens != 0)
    fprintf(stderr, "; generated: %llu tokens, %.1f tokens/s",
            static_cast<unsigned long long>(result.tokens),
            static_cast<double>(result.tokens) / (end - fed));
  if (result.drafted != 0)
    fprintf(stderr, "; lookup: %llu of %llu drafted tokens were right",
            static_cast<unsigned long long>(result.accepted),
            static_cast<unsigned long long>(result.drafted));
  fputc('\n', stderr);
}

int generate(const ingot_model *model, const RunOptions &options, const Array<int32_t> &ids,
             ingot_session *session) {
  const double begin = now();
  ingot_status status = ingot_session_prefill(session, ids.data(), ids.size());
  if (status != INGOT_OK && status != INGOT_CANCELLED)
    return failStatus(status, "feed the prompt");
  const double fed = now();

  // What follows a plain prompt continues its text; an answer in a chat is a text of its own.
  Printer printer(model,
                  INGOT_DETOKENIZE_SKIP_SPECIAL | (options.chat ? 0 : INGOT_DETOKENIZE_CONTINUE));
  ingot_generate_result result = {};
  result.size = sizeof result;
  if (status == INGOT_OK && options.count != 0) {
    ingot_generate_options how = {};
    how.size = sizeof how;
    how.max_tokens = options.count < 0 ? 0 : static_cast<uint32_t>(options.count);
    how.temperature = static_cast<float>(options.temperature);
    how.top_k = static_cast<uint32_t>(options.topK);
    how.top_p = static_cast<float>(options.topP);
    how.min_p = static_cast<float>(options.minP);
    how.repeat_penalty = static_cast<float>(options.repeatPenalty);
    how.seed = static_cast<uint64_t>(options.seed);
    how.lookup = static_cast<uint32_t>(options.lookup);
    how.result = &result;
    status = ingot_session_generate(session, &how, Printer::onToken, &printer);
  }
  const double end = now();
  printer.finish();
  if (options.stats || isatty(STDERR_FILENO))
    printStats(ids.size(), begin, fed, printer, result, end);
  if (printer.exitCode() != exitDone)
    return printer.exitCode();
  if (interrupted)
    return 128 + interrupted;
  return status == INGOT_OK ? exitDone : failStatus(status, "generate");
}

} // namespace

int runVerb(int argc, char **argv) {
  RunOptions o;
  const Option table[] = {
      {Option::Text, 'p', "prompt", &o.prompt, 0, 0, "TEXT", "the prompt"},
      {Option::Text, 'f', "file", &o.file, 0, 0, "FILE",
       "read the prompt from FILE (default: from standard input)"},
      {Option::Integer, 'n', "count", &o.count, -1, 1 << 30, "N",
       "most tokens to generate (default: -1, until an end token or the end of the context)"},
      INGOT_CLI_THREADS_OPTION(o.machine),
      {Option::Real, 0, "temp", &o.temperature, 0, 1000, "X", "temperature (default: 0, greedy)"},
      {Option::Integer, 0, "top-k", &o.topK, 0, 1 << 30, "K",
       "choose among the K most probable tokens (default: 0, all)"},
      {Option::Real, 0, "top-p", &o.topP, 0, 1, "P",
       "choose among the most probable tokens that sum up to P (default: all)"},
      {Option::Real, 0, "min-p", &o.minP, 0, 1, "M",
       "leave out tokens less than M times as probable as the first (default: 0)"},
      {Option::Real, 0, "repeat-penalty", &o.repeatPenalty, 1e-3, 1000, "R",
       "make tokens of the last 64 less likely (default: 1, off)"},
      {Option::Integer, 0, "seed", &o.seed, 0, 9.2e18, "S", "seed of the draws (default: 0)"},
      {Option::Flag, 0, "chat", &o.chat, 0, 0, nullptr,
       "put the prompt as a user's turn into the model's chat template"},
      {Option::Integer, 0, "lookup", &o.lookup, 0, 64, "N",
       "draft up to N tokens by prompt lookup; the output does not change (default: 0)"},
      {Option::Flag, 'v', "stats", &o.stats, 0, 0, nullptr,
       "print tokens/s to standard error even when it is no terminal"},
      INGOT_CLI_MACHINE_OPTIONS(o.machine),
  };
  const ingot_model *model = ingot_cli_model();
  char usage[256];
  snprintf(usage, sizeof usage, "%s [-p TEXT | -f FILE] [options]", ingot_model_name(model));
  Parsed parsed = parseOptions(argc, argv, table, sizeof table / sizeof *table, usage);
  if (parsed.end)
    return parsed.code;
  if (o.prompt && o.file)
    return fail(exitUsage, "options '-p' and '-f' exclude each other");
  if (int code = needTokenizer(model))
    return code;
  if (o.chat && !ingot_model_has_chat(model))
    return fail(exitUnsupported, "model '%s' was compiled without a chat template",
                ingot_model_name(model));
  Mapping weights;
  if (int code = findWeights(model, o.machine, weights))
    return code;
  if (int code = checkLevel(model, o.machine.level))
    return code;
  Array<int32_t> ids;
  if (int code = promptIds(model, o, ids))
    return code;

  ingot_session *session = nullptr;
  ingot_session_options how = {};
  how.max_lookup = static_cast<uint32_t>(o.lookup);
  if (int code = openSession(model, o.machine, weights, how, session))
    return code;
  catchInterrupts(session);
  // The process ends with the text; giving its memory back piece by piece would only take time.
  return generate(model, o, ids, session);
}

} // namespace ingot::cli
