/* llama.cpp through its own C API, so that its process is as lean as ours.
 *
 *   llama_peer MODEL THREADS speed PROMPT DECODE   one sample: {"prefill": t/s, "decode": t/s}
 *   llama_peer MODEL THREADS start TEXT            prints the first token after TEXT
 *
 * The prompt of `speed` is random tokens in one batch, decoding feeds one token at a time, neither
 * samples: what llama-bench does. A small run of both goes before, so caches and pages are warm. */
#include "llama.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void quiet(enum ggml_log_level level, const char *text, void *user) {
  (void)user;
  if (level == GGML_LOG_LEVEL_ERROR)
    fputs(text, stderr);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "llama_peer: %s\n", what);
  exit(1);
}

static void feed(struct llama_context *context, llama_token *tokens, int count) {
  if (llama_decode(context, llama_batch_get_one(tokens, count)) != 0)
    fail("llama_decode failed");
}

/* Seconds for `count` random tokens from an empty state, `chunk` at a time. */
static double timed(struct llama_context *context, int count, int chunk, int vocabulary) {
  llama_token *tokens = malloc(sizeof *tokens * (size_t)count);
  for (int i = 0; i < count; ++i)
    tokens[i] = rand() % vocabulary;
  llama_memory_clear(llama_get_memory(context), true);
  double start = now();
  for (int i = 0; i < count; i += chunk)
    feed(context, tokens + i, chunk);
  llama_synchronize(context);
  double seconds = now() - start;
  free(tokens);
  return seconds;
}

static void first_token(struct llama_context *context, const struct llama_vocab *vocab,
                        const char *text) {
  llama_token tokens[512];
  int count = llama_tokenize(vocab, text, (int)strlen(text), tokens, 512, true, true);
  if (count <= 0)
    fail("the text gives no tokens, or too many");
  feed(context, tokens, count);
  const float *logits = llama_get_logits_ith(context, -1);
  int best = 0;
  for (int i = 1; i < llama_vocab_n_tokens(vocab); ++i)
    if (logits[i] > logits[best])
      best = i;
  char piece[256];
  int bytes = llama_token_to_piece(vocab, best, piece, sizeof piece, 0, false);
  fwrite(piece, 1, bytes > 0 ? (size_t)bytes : 0, stdout);
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc < 5)
    fail("usage: llama_peer MODEL THREADS speed PROMPT DECODE | start TEXT");
  int threads = atoi(argv[2]);
  llama_log_set(quiet, NULL);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
  if (!model)
    fail("cannot load the model");
  struct llama_context_params params = llama_context_default_params();
  params.n_ctx = 2048;
  params.n_batch = params.n_ubatch = 512;
  params.n_threads = params.n_threads_batch = threads;
  params.no_perf = true;
  struct llama_context *context = llama_init_from_model(model, params);
  if (!context)
    fail("cannot make a context");
  const struct llama_vocab *vocab = llama_model_get_vocab(model);

  if (strcmp(argv[3], "start") == 0) {
    first_token(context, vocab, argv[4]);
  } else if (strcmp(argv[3], "speed") == 0 && argc == 6) {
    int prompt = atoi(argv[4]), decode = atoi(argv[5]), vocabulary = llama_vocab_n_tokens(vocab);
    timed(context, prompt, prompt, vocabulary);
    timed(context, 16, 1, vocabulary);
    double prefill_seconds = timed(context, prompt, prompt, vocabulary);
    double decode_seconds = timed(context, decode, 1, vocabulary);
    printf("{\"prefill\": %.3f, \"decode\": %.3f}\n", prompt / prefill_seconds,
           decode / decode_seconds);
  } else {
    fail("expected 'speed PROMPT DECODE' or 'start TEXT'");
  }
  llama_free(context);
  llama_model_free(model);
  return 0;
}
