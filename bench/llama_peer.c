/* llama.cpp through its own C API, so that its process is as lean as ours.
 *
 *   llama_peer MODEL THREADS speed PROMPTS DECODE DEPTHS
 *       one sample of tokens a second: {"prefill": {"512": t/s, ...}, "decode": {"0": t/s, ...}}
 *       for the prompts of the comma list, and for DECODE tokens behind each of the depths
 *   llama_peer MODEL THREADS start TEXT    prints the first token after TEXT
 *   llama_peer MODEL THREADS files TEXT    prints the files that a process has mapped by then
 *
 * A prompt is random tokens in one batch, decoding feeds one token at a time, neither samples: what
 * llama-bench does. A small run of both goes before, so caches and pages are warm. */
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

/* Seconds for `count` random tokens behind `depth` others, `chunk` at a time. */
static double timed(struct llama_context *context, int depth, int count, int chunk,
                    int vocabulary) {
  const int total = depth + count, batch = (int)llama_n_batch(context);
  llama_token *tokens = malloc(sizeof *tokens * (size_t)total);
  for (int i = 0; i < total; ++i)
    tokens[i] = rand() % vocabulary;
  llama_memory_clear(llama_get_memory(context), true);
  for (int i = 0; i < depth; i += batch)
    feed(context, tokens + i, depth - i < batch ? depth - i : batch);
  llama_synchronize(context);
  double start = now();
  for (int i = depth; i < total; i += chunk)
    feed(context, tokens + i, total - i < chunk ? total - i : chunk);
  llama_synchronize(context);
  double seconds = now() - start;
  free(tokens);
  return seconds;
}

/* Calls `one` with every number of a comma list and prints {"number": what it answers, ...}. */
struct request {
  struct llama_context *context;
  int decode, vocabulary;
};
static void each(const char *list, double (*one)(const struct request *, int),
                 const struct request *request) {
  const char *separator = "";
  printf("{");
  while (*list) {
    char *end;
    long number = strtol(list, &end, 10);
    if (end == list || number < 0)
      fail("expected a comma list of numbers");
    printf("%s\"%ld\": %.3f", separator, number, one(request, (int)number));
    separator = ", ";
    list = *end == ',' ? end + 1 : end;
  }
  printf("}");
}

static double prefill_speed(const struct request *r, int prompt) {
  return prompt / timed(r->context, 0, prompt, prompt, r->vocabulary);
}
static double decode_speed(const struct request *r, int depth) {
  return r->decode / timed(r->context, depth, r->decode, 1, r->vocabulary);
}

static int largest(const char *list) {
  int most = 0;
  for (; *list; list += strcspn(list, ","), list += *list == ',')
    if (atoi(list) > most)
      most = atoi(list);
  return most;
}

static void print_mapped_files(void) {
  FILE *maps = fopen("/proc/self/maps", "r");
  char line[4096];
  while (maps && fgets(line, sizeof line, maps))
    if (strchr(line, '/'))
      fputs(strchr(line, '/'), stdout);
  if (maps)
    fclose(maps);
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
    fail("usage: llama_peer MODEL THREADS speed PROMPTS DECODE DEPTHS | start TEXT | files TEXT");
  int threads = atoi(argv[2]);
  llama_log_set(quiet, NULL);
  llama_backend_init();
  struct llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
  if (!model)
    fail("cannot load the model");
  struct llama_context_params params = llama_context_default_params();
  const int speed = strcmp(argv[3], "speed") == 0 && argc == 7;
  const int prompt = speed ? largest(argv[4]) : 512;
  const int longest = speed ? largest(argv[6]) + atoi(argv[5]) : 0;
  params.n_ctx = (uint32_t)(longest > 2048 ? longest : 2048);
  params.n_batch = params.n_ubatch = (uint32_t)(prompt > 512 ? prompt : 512);
  params.n_threads = params.n_threads_batch = threads;
  params.no_perf = true;
  struct llama_context *context = llama_init_from_model(model, params);
  if (!context)
    fail("cannot make a context");
  const struct llama_vocab *vocab = llama_model_get_vocab(model);

  if (strcmp(argv[3], "start") == 0) {
    first_token(context, vocab, argv[4]);
  } else if (strcmp(argv[3], "files") == 0) {
    print_mapped_files();
  } else if (speed) {
    const struct request request = {context, atoi(argv[5]), llama_vocab_n_tokens(vocab)};
    if (prompt > 0)
      timed(context, 0, prompt, prompt, request.vocabulary);
    timed(context, 0, 16, 1, request.vocabulary);
    printf("{\"prefill\": ");
    each(argv[4], prefill_speed, &request);
    printf(", \"decode\": ");
    each(argv[6], decode_speed, &request);
    printf("}\n");
  } else {
    fail("expected 'speed PROMPTS DECODE DEPTHS', 'start TEXT' or 'files TEXT'");
  }
  llama_free(context);
  llama_model_free(model);
  return 0;
}
