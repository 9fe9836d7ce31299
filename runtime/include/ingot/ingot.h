/* Ingot: a small language model that was compiled into this program.
 *
 * This header is the manual of the runtime. It is plain C99, and it is all that libNAME.a publishes
 * besides `ingot_model_NAME` (declared in NAME.h, which the compiler wrote).
 *
 *     const ingot_model *model = ingot_model_NAME();
 *     ingot_session *session;
 *     if (ingot_session_create(model, NULL, NULL, 0, &session) != INGOT_OK) ...
 *     ingot_tokenize(model, text, strlen(text), 0, ids, &count);
 *     ingot_session_prefill(session, ids, count);
 *     ingot_session_generate(session, &options, print_token, &printer);
 *     ingot_session_destroy(session);
 *
 * What holds for every function:
 * - Nothing prints, aborts, throws, reads the environment, installs a signal handler or touches
 * errno. Nothing allocates after ingot_session_create (and ingot_team_create) returned. There are
 * no writable globals.
 * - Whatever can fail returns an ingot_status. A call that fails before it began to work (a bad
 * argument, a full context) has changed nothing. Null where a pointer is needed is
 * INGOT_INVALID_ARGUMENT, not a crash.
 * - A model is constant: any number of threads may use it at once. A session may move between
 * threads but serves one call at a time; a second call at the same time, or a call out of one of
 * the session's own callbacks, is refused with INGOT_BUSY. ingot_session_cancel and the getters may
 * be called at any time.
 * - The numbers do not depend on the number of threads, on how a prompt was cut into chunks, on
 * `lookup`, or on the caller's floating-point environment: they are equal bit for bit.
 * - Structs of options begin with their size. Set `size = sizeof(struct)`; zero in every other
 * member is that member's default, and null in place of the struct means all defaults. `size` 0 is
 * read as the first published version of the struct. A struct that is larger than the library's (a
 * newer header) is accepted when the bytes that the library does not know are zero, and refused
 * with INGOT_INVALID_ARGUMENT otherwise: no option is ever ignored.
 */
#ifndef INGOT_INGOT_H
#define INGOT_INGOT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef INGOT_API
#if defined(__GNUC__)
#define INGOT_API __attribute__((visibility("default")))
#else
#define INGOT_API
#endif
#endif

/* ----------------------------------------------------------------------------------------------
 * Version and statuses
 * ------------------------------------------------------------------------------------------- */

#define INGOT_VERSION_MAJOR 0
#define INGOT_VERSION_MINOR 1
#define INGOT_VERSION_PATCH 0
#define INGOT_VERSION                                                                              \
  ((INGOT_VERSION_MAJOR << 16) | (INGOT_VERSION_MINOR << 8) | INGOT_VERSION_PATCH)

/* INGOT_VERSION as it stood when the library was built. Compare the major parts with the header's.
 */
INGOT_API uint32_t ingot_version(void);

/* Zero is success. The low 8 bits are the coarse code: stable, the one to switch on
 * (INGOT_STATUS_CODE). The bits above tell cases of one code apart, and more may be added. */
typedef int32_t ingot_status;
#define INGOT_STATUS_CODE(status) ((status) & 0xff)
#define INGOT_STATUS_DETAIL(code, detail) ((code) | ((detail) << 8))

/* Done. */
#define INGOT_OK 0
/* The caller's mistake: a null pointer, an option out of its range, an empty prompt, a size that is
 * no size. */
#define INGOT_INVALID_ARGUMENT 1
/* A token id below 0 or not below ingot_model_vocab_size. */
#define INGOT_INVALID_TOKEN 2
/* The tokens do not fit behind the present position; nothing was fed. */
#define INGOT_CONTEXT_FULL 3
/* The system gave no memory, or a size is larger than an address can say. */
#define INGOT_OUT_OF_MEMORY 4
/* A buffer of the caller is too small; where there is a count, it now says what is needed. */
#define INGOT_BUFFER_TOO_SMALL 5
/* This machine can run none of the levels the model was compiled for (or not the one asked for). */
#define INGOT_UNSUPPORTED_CPU 6
/* Model and library come from different versions of Ingot. */
#define INGOT_INCOMPATIBLE 7
/* The model was compiled with sidecar weights and none were given, or they are not its own. */
#define INGOT_WEIGHTS_MISSING 8
#define INGOT_WEIGHTS_MISMATCH 9
/* ingot_session_load met bytes that are no saved state of this model. */
#define INGOT_BAD_STATE 10
#define INGOT_BAD_STATE_FORMAT                                                                     \
  INGOT_STATUS_DETAIL(10, 1) /* not a saved state, or another version's */
#define INGOT_BAD_STATE_MODEL INGOT_STATUS_DETAIL(10, 2)    /* of another model, or other options */
#define INGOT_BAD_STATE_CHECKSUM INGOT_STATUS_DETAIL(10, 3) /* damaged on the way */
/* A read or write callback of the caller failed. */
#define INGOT_IO_ERROR 11
/* ingot_session_cancel ended the call. */
#define INGOT_CANCELLED 12
/* There are no logits: nothing was fed since the session was created, rewound or cancelled. */
#define INGOT_NO_LOGITS 13
/* The model was compiled without a tokenizer, or without a chat template that can be expressed. */
#define INGOT_NO_TOKENIZER 14
#define INGOT_NO_CHAT_TEMPLATE 15
/* The session is in the middle of another call. */
#define INGOT_BUSY 16
/* The system would not start a thread of the team. */
#define INGOT_THREAD_FAILED 17
/* A conversation that the model's chat template refuses, such as two user turns in a row. */
#define INGOT_INVALID_CHAT 18

/* One English sentence without a final stop, in static storage; never null. */
INGOT_API const char *ingot_status_string(ingot_status status);

/* ----------------------------------------------------------------------------------------------
 * The model: constant, no ownership, lives as long as the program. Every getter takes null and then
 * answers 0, -1 (tokens) or "" (texts).
 * ------------------------------------------------------------------------------------------- */

typedef struct ingot_model ingot_model;

/* "smollm2-135m-instruct" */
INGOT_API const char *ingot_model_name(const ingot_model *model);
/* The --target it was compiled for. */
INGOT_API const char *ingot_model_target(const ingot_model *model);
/* Compiler version and resolved options, one line. */
INGOT_API const char *ingot_model_banner(const ingot_model *model);
INGOT_API uint32_t ingot_model_vocab_size(const ingot_model *model);
INGOT_API uint32_t ingot_model_hidden_size(const ingot_model *model);
/* Blocks with weights of their own, and executions of blocks in one step: more where they are
 * shared. */
INGOT_API uint32_t ingot_model_block_count(const ingot_model *model);
INGOT_API uint32_t ingot_model_run_count(const ingot_model *model);
/* The most positions a session can hold, and the bytes of KV cache that each takes. */
INGOT_API uint32_t ingot_model_max_context(const ingot_model *model);
INGOT_API uint32_t ingot_model_kv_bytes_per_position(const ingot_model *model);
/* Of the packed image, and how much of it one decode step reads. */
INGOT_API uint64_t ingot_model_weights_bytes(const ingot_model *model);
INGOT_API uint64_t ingot_model_weights_read_per_token(const ingot_model *model);
/* The embedded weights image, ingot_model_weights_bytes long; null when they are a sidecar. */
INGOT_API const void *ingot_model_weights(const ingot_model *model);

/* End tokens: `*count` of them; the array belongs to the model. `count` may not be null. */
INGOT_API const int32_t *ingot_model_eos(const ingot_model *model, size_t *count);
INGOT_API int ingot_model_is_eos(const ingot_model *model, int32_t token);
INGOT_API int32_t ingot_model_bos(const ingot_model *model); /* -1: the model has none */
INGOT_API int ingot_model_add_bos(const ingot_model *model); /* 1: ingot_tokenize begins with it */
INGOT_API int ingot_model_has_tokenizer(const ingot_model *model);
INGOT_API int ingot_model_has_chat(const ingot_model *model);

/* Instruction-set levels the model was compiled for, best first. A session takes the first that the
 * machine can run. The name is null when there is no such level. */
INGOT_API uint32_t ingot_model_level_count(const ingot_model *model);
INGOT_API const char *ingot_model_level_name(const ingot_model *model, uint32_t level);
INGOT_API int ingot_model_level_usable(const ingot_model *model, uint32_t level);

/* ----------------------------------------------------------------------------------------------
 * Callbacks
 * ------------------------------------------------------------------------------------------- */

/* A remark about something that went another way than asked: which level runs, a thread that could
 * not be pinned. `message` and `detail` are in static storage or belong to the model; `detail` may
 * be "". */
#define INGOT_LOG_INFO 0
#define INGOT_LOG_WARNING 1
typedef void (*ingot_log_callback)(void *user, int severity, const char *message,
                                   const char *detail);

/* The host's own thread pool in place of Ingot's: run body(argument, thread) for every thread in 0
 * .. threads - 1 and return when all have returned. All bodies must run AT THE SAME TIME, each on a
 * thread of its own (they meet at barriers): a pool with fewer workers than `threads` never
 * returns. */
typedef void (*ingot_parallel_for)(void *user, uint32_t threads,
                                   void (*body)(void *argument, uint32_t thread), void *argument);

/* A token that was generated. Return 0 to go on; anything else ends ingot_session_generate after
 * this token, with INGOT_OK. */
typedef int (*ingot_token_callback)(void *user, int32_t token);

/* Take or fill exactly `bytes` bytes. Return 0 when that was done, anything else otherwise. */
typedef int (*ingot_write_callback)(void *user, const void *data, size_t bytes);
typedef int (*ingot_read_callback)(void *user, void *data, size_t bytes);

/* ----------------------------------------------------------------------------------------------
 * Team: the threads that run steps. A session makes its own unless it is given one; sessions that
 * share a team take turns, one step at a time.
 * ------------------------------------------------------------------------------------------- */

typedef struct ingot_team ingot_team;

typedef struct ingot_team_options {
  uint32_t size;
  /* 1 .. 256; the caller of a step is thread 0. Default: cpu_count if given, else the physical CPUs
   * that the process may use. */
  uint32_t threads;
  /* [cpu_count]: worker t = 1 .. threads - 1 is pinned to CPU cpus[t]; thread 0 is the caller's,
   * which pins itself if it likes. Read during create only. */
  const uint32_t *cpus;
  /* 0: nothing is pinned; else at least the number of threads, and no parallel_for. */
  uint32_t cpu_count;
  uint32_t reserved; /* 0 */
  /* Run steps on the host's pool; no thread is started then. */
  ingot_parallel_for parallel_for;
  void *parallel_for_user;
  ingot_log_callback log;
  void *log_user;
} ingot_team_options;

/* The memory a team needs (thread stacks, which the system gives, are not in it). */
INGOT_API ingot_status ingot_team_size(const ingot_team_options *options, size_t *bytes,
                                       size_t *alignment);
/* `memory` as for ingot_session_create. The team must outlive its sessions. */
INGOT_API ingot_status ingot_team_create(const ingot_team_options *options, void *memory,
                                         size_t bytes, ingot_team **team);
/* Ends and joins the threads. Null is allowed. */
INGOT_API void ingot_team_destroy(ingot_team *team);
INGOT_API uint32_t ingot_team_threads(const ingot_team *team);
/* Run body(argument, thread, threads) once on every thread, the caller's included, and wait. For
 * work of the host between steps that should run on the same cores. A body that runs the team
 * again, or a session that uses it, waits for itself. */
INGOT_API ingot_status ingot_team_run(ingot_team *team,
                                      void (*body)(void *argument, uint32_t thread,
                                                   uint32_t threads),
                                      void *argument);

/* ----------------------------------------------------------------------------------------------
 * Session: a model with the state of one text.
 * ------------------------------------------------------------------------------------------- */

typedef struct ingot_session ingot_session;

typedef struct ingot_session_options {
  uint32_t size;
  /* Positions the session can hold, 1 .. the model's; default: the model's. */
  uint32_t context;
  /* As in ingot_team_options; must be 0 when `team` is given. */
  uint32_t threads;
  /* Most tokens fed by one step, 1 .. 512 (1 is decode; what is more than the largest compiled step
   * is fed in several); default: the largest step. */
  uint32_t prefill_chunk;
  /* The largest `lookup` that ingot_session_generate will be asked for, 0 .. 64 and below the rows
   * of the largest compiled step; every one costs a row of logits of memory. */
  uint32_t max_lookup;
  /* As in ingot_team_options, like the next three. */
  uint32_t cpu_count;
  const uint32_t *cpus;
  ingot_parallel_for parallel_for;
  void *parallel_for_user;
  /* Share this team in place of making one; it must outlive the session. */
  ingot_team *team;
  ingot_log_callback log;
  void *log_user;
  /* Run this level; default: the best that the machine can run. Read during create only. */
  const char *level;
  /* Sidecar: the bytes of NAME.weights, 4096-byte aligned, kept mapped and unchanged as long as the
   * session lives. Length and SHA-256 are checked during create. */
  const void *weights;
  size_t weights_bytes;
  /* Sidecar: take over the checked weights of this session of the same model, without checking them
   * again; `weights` must be null. */
  const ingot_session *weights_of;
  /* Nonzero: copy the weights into the session's memory, in huge pages where the system gives them.
   * Reading them is faster then (fewer page walks, and prefetching does not stop at every 4 KiB):
   * worth it for sessions that decode for long. Costs the memory again, and about 20 ms per 100 MB
   * during create. Default: they are read where they lie. */
  uint32_t copy_weights;
  uint32_t reserved; /* 0 */
} ingot_session_options;

/* The memory that ingot_session_create needs with the same options. */
INGOT_API ingot_status ingot_session_size(const ingot_model *model,
                                          const ingot_session_options *options, size_t *bytes,
                                          size_t *alignment);

/* `memory` null (then `bytes` is 0): one block is taken from the system and given back by destroy;
 * pages of the KV cache are not touched before they are needed. Else `memory` is the caller's, at
 * least as large and aligned as ingot_session_size says, of any content, and must not move or be
 * freed before destroy.
 * `*session` is null after a failure. */
INGOT_API ingot_status ingot_session_create(const ingot_model *model,
                                            const ingot_session_options *options, void *memory,
                                            size_t bytes, ingot_session **session);

/* Ends the session's threads and gives its memory back. Null is allowed. No call on it may be
 * running. In memory of the caller a second destroy, and every other call after it, is noticed and
 * harmless as long as that memory is not used for something else. */
INGOT_API void ingot_session_destroy(ingot_session *session);

/* Feeds `count` >= 1 tokens behind the present position; logits are those after the last one. All
 * of them are checked before the first is fed. */
INGOT_API ingot_status ingot_session_prefill(ingot_session *session, const int32_t *tokens,
                                             size_t count);
/* The same, and writes the logits after every token: float [count][vocab_size]. */
INGOT_API ingot_status ingot_session_prefill_logits(ingot_session *session, const int32_t *tokens,
                                                    size_t count, float *logits);
/* Feeds one token. */
INGOT_API ingot_status ingot_session_decode(ingot_session *session, int32_t token);

/* The logits after the last token fed: vocab_size floats that belong to the session and are valid
 * until the next call that feeds, rewinds, loads or generates. Allowed inside a token callback:
 * there they are the ones that the reported token was chosen from. `count` may be null. */
INGOT_API ingot_status ingot_session_logits(const ingot_session *session, const float **logits,
                                            size_t *count);

/* The number of tokens the session holds, which is the position of the next; and the tokens. */
INGOT_API size_t ingot_session_position(const ingot_session *session);
/* Tokens at 0 .. position - 1; valid until the next call that changes the session. Null for null.
 */
INGOT_API const int32_t *ingot_session_tokens(const ingot_session *session);

/* Forgets every token at `position` and behind. Going back to a common prefix saves feeding it
 * again. Logits are gone afterwards unless `position` is the present one; a position beyond that is
 * INGOT_INVALID_ARGUMENT. */
INGOT_API ingot_status ingot_session_rewind(ingot_session *session, size_t position);

/* What was chosen at create. */
typedef struct ingot_session_info {
  uint32_t size; /* set by the caller: sizeof(ingot_session_info) */
  uint32_t threads;
  uint32_t context;       /* positions */
  uint32_t prefill_chunk; /* most tokens of one step */
  const char *level;      /* belongs to the model */
  uint64_t memory_bytes;  /* the whole block, of which: */
  uint64_t arena_bytes;   /* activations shared by the threads */
  uint64_t scratch_bytes; /* activations of the single threads, all of them */
  uint64_t kv_bytes;      /* KV cache */
} ingot_session_info;
INGOT_API ingot_status ingot_session_get_info(const ingot_session *session,
                                              ingot_session_info *info);

/* Makes the call that is running, or else the next one that feeds or generates, return
 * INGOT_CANCELLED at the end of the step it is in (one token, or one chunk of a prefill). From any
 * thread. The session stays usable: its position says how far it came, logits are gone if the call
 * was in the middle of its tokens. One cancel ends at most one call. */
INGOT_API void ingot_session_cancel(ingot_session *session);

/* ----------------------------------------------------------------------------------------------
 * Saved state: tokens, KV cache and logits, so that a loaded session goes on bit for bit. It is
 * bound to the compiled model (a hash over architecture, options and weights). It may be loaded
 * with another number of threads or a larger or smaller context, if only its tokens fit. The bytes
 * hold the text: protect them like the text.
 * ------------------------------------------------------------------------------------------- */

INGOT_API ingot_status ingot_session_save(const ingot_session *session, ingot_write_callback write,
                                          void *user);
/* Sizes in the file are compared, never believed; a checksum stands at the end. After a failure the
 * session is empty (position 0) and usable. */
INGOT_API ingot_status ingot_session_load(ingot_session *session, ingot_read_callback read,
                                          void *user);

/* ----------------------------------------------------------------------------------------------
 * Generation
 * ------------------------------------------------------------------------------------------- */

#define INGOT_STOP_EOS 1      /* an end token was chosen: not reported, not fed */
#define INGOT_STOP_COUNT 2    /* max_tokens were generated */
#define INGOT_STOP_CONTEXT 3  /* no position is left to feed another token */
#define INGOT_STOP_CALLBACK 4 /* the callback asked for it */
#define INGOT_STOP_CANCEL 5   /* ingot_session_cancel; the status is INGOT_CANCELLED */

typedef struct ingot_generate_result {
  uint32_t size;     /* set by the caller: sizeof(ingot_generate_result) */
  uint32_t stop;     /* INGOT_STOP_*; 0 when the call failed before it began */
  uint64_t tokens;   /* reported to the callback */
  uint64_t steps;    /* steps that were run; fewer than tokens when lookup helped */
  uint64_t drafted;  /* tokens drafted by lookup */
  uint64_t accepted; /* of these, the ones that were right */
  int32_t end_token; /* with INGOT_STOP_EOS the end token, else -1 */
  uint32_t reserved;
} ingot_generate_result;

/* How the next token is chosen, in this order: repeat_penalty on the logits; with temperature 0 the
 * largest logit, the lowest id of equals; else top_k, top_p and min_p narrow the candidates down
 * (probabilities at temperature 1), the logits of those left are divided by the temperature, and
 * one is drawn. NaN counts as minus infinity. The draw for the token at position p is number p of
 * the SplitMix64 sequence of `seed`: so a saved and loaded session, or a text generated in two
 * calls, goes on as one call would have. */
typedef struct ingot_generate_options {
  uint32_t size;
  /* Default: until an end token or the end of the context. */
  uint32_t max_tokens;
  /* 0 (default): greedy; else > 0. */
  float temperature;
  /* Keep the k most probable; default: all. */
  uint32_t top_k;
  /* Keep the most probable until they sum up to p, 0 < p <= 1; default: all. */
  float top_p;
  /* Keep those at least min_p times as probable as the first, 0 .. 1; default: all. */
  float min_p;
  /* > 0: positive logits of tokens seen are divided by it, others multiplied; default: 1, none. */
  float repeat_penalty;
  /* How many of the last tokens count as seen; default: 64. */
  uint32_t repeat_window;
  uint64_t seed;
  /* Draft up to so many tokens by looking up how the text went on the last time; at most the
   * session's max_lookup. The output does not change; default: 0. */
  uint32_t lookup;
  /* 1: end tokens are reported like others and do not stop. */
  uint32_t ignore_eos;
  /* Null, or where to leave how it went; written on every return but for an unreadable struct. */
  ingot_generate_result *result;
} ingot_generate_options;

/* Chooses, reports and feeds tokens until something stops it. Needs logits: feed at least one token
 * before. On return every reported token has been fed (after INGOT_CANCELLED, too), so the next
 * call continues the text; the callback (which may be null) is called before its token is fed. */
INGOT_API ingot_status ingot_session_generate(ingot_session *session,
                                              const ingot_generate_options *options,
                                              ingot_token_callback callback, void *user);

/* ----------------------------------------------------------------------------------------------
 * Text. Any bytes are a text; what is not valid UTF-8 becomes byte tokens or the unknown token, as
 * the model's tokenizer has it. INGOT_NO_TOKENIZER when the model was compiled without one.
 *
 * Counts go in and out: `*count` (or `*bytes`) is the room of the buffer on entry and what was
 * written, or is needed, on return. With INGOT_BUFFER_TOO_SMALL the buffer's content is
 * unspecified. The buffer may be null when the room is 0: the usual way to ask for the size.
 * ------------------------------------------------------------------------------------------- */

/* Added (special) tokens in the text are read as plain characters. Set it for text of strangers. */
#define INGOT_TOKENIZE_NO_SPECIAL 1u
/* No BOS in front, even where the model adds one: for a text that continues another. */
#define INGOT_TOKENIZE_NO_BOS 2u
INGOT_API ingot_status ingot_tokenize(const ingot_model *model, const char *text, size_t bytes,
                                      uint32_t flags, int32_t *ids, size_t *count);

/* The exact bytes of the ids; special tokens are kept as their text. Not zero-terminated. */
INGOT_API ingot_status ingot_detokenize(const ingot_model *model, const int32_t *ids, size_t count,
                                        char *text, size_t *bytes);

/* What one token looks like in the vocabulary, as UTF-8 or raw bytes; belongs to the model. */
INGOT_API ingot_status ingot_token_text(const ingot_model *model, int32_t id, const char **text,
                                        size_t *bytes);
/* 1 for control tokens such as BOS, end of turn; 0 for text, or without a tokenizer. */
INGOT_API int ingot_token_is_special(const ingot_model *model, int32_t id);

/* Token by token, for output that streams: an UTF-8 sequence that is spread over several tokens
 * comes out whole, with the last of them. The struct is the caller's, needs no destroy and may be
 * copied; a zeroed one (size set) is at the beginning of a text. */
#define INGOT_DETOKENIZE_SKIP_SPECIAL 1u /* special tokens give no text */
#define INGOT_DETOKENIZE_CONTINUE                                                                  \
  2u /* the text continues another: keep a first token's leading space */
typedef struct ingot_detokenizer {
  uint32_t size;
  uint32_t flags;
  uint32_t state[4]; /* the library's */
  uint8_t pending[8];
} ingot_detokenizer;
/* On INGOT_BUFFER_TOO_SMALL the state is as before, so the same id can be given again. */
INGOT_API ingot_status ingot_detokenizer_next(const ingot_model *model,
                                              ingot_detokenizer *detokenizer, int32_t id,
                                              char *text, size_t *bytes);
/* Gives out what is still pending (an incomplete sequence, as it is) and starts a new text. */
INGOT_API ingot_status ingot_detokenizer_finish(const ingot_model *model,
                                                ingot_detokenizer *detokenizer, char *text,
                                                size_t *bytes);

#define INGOT_ROLE_SYSTEM 0u
#define INGOT_ROLE_USER 1u
#define INGOT_ROLE_ASSISTANT 2u
typedef struct ingot_chat_message {
  uint32_t role; /* INGOT_ROLE_* */
  uint32_t reserved;
  const char *text;
  size_t bytes;
} ingot_chat_message;

/* The ids of a conversation in the model's chat template, BOS included where the template has one.
 * The texts of messages are never read as special tokens. `add_generation_prompt` 1 ends with the
 * beginning of the assistant's turn. A first message that is no system message gets the template's
 * default, if it has one. */
INGOT_API ingot_status ingot_chat_render(const ingot_model *model,
                                         const ingot_chat_message *messages, size_t message_count,
                                         int add_generation_prompt, int32_t *ids, size_t *count);

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif
