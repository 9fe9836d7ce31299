/* The treaty between generated code and the runtime.
 *
 * Generated sources include this header and nothing else of Ingot's. Everything in it is plain data or a static
 * inline function of a few lines, so that a generated file compiles with any C++17 compiler and links with nothing
 * but its own kernels. Both sides compile in INGOT_ABI_VERSION and refuse each other when it differs.
 *
 * Who owns what: the model and everything it points to is constant and lives as long as the program (or, with
 * sidecar weights, as long as the mapping that the caller gave). The step and its buffers belong to the session.
 */
#ifndef INGOT_ABI_H
#define INGOT_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INGOT_ABI_VERSION 2u

/* ---------------------------------------------------------------------------------------------------------------
 * Kernel buffers. The kernels are compiled by Halide without its runtime; this struct has the layout of
 * halide_buffer_t (HalideRuntime.h), checked by test/codegen/AbiLayoutTest.cpp. Every extent and stride is compiled
 * in, so a kernel reads `host` and nothing else: the other members may stay unset.
 * ------------------------------------------------------------------------------------------------------------- */

typedef struct ingot_buffer {
  uint64_t device;
  const void *device_interface;
  uint8_t *host; /* first element */
  uint64_t flags;
  uint8_t type_code, type_bits;
  uint16_t type_lanes;
  int32_t dimensions;
  void *dim;
  void *padding;
} ingot_buffer;

static inline ingot_buffer ingot_view(const void *host) {
  ingot_buffer b;
  b.host = (uint8_t *)host;
  return b;
}

/* ---------------------------------------------------------------------------------------------------------------
 * Work of one thread: contiguous, computed from (thread, threads), the same in every step, so that a core always
 * reads the same weight rows.
 * ------------------------------------------------------------------------------------------------------------- */

typedef struct ingot_range {
  int32_t begin, end; /* half open, in the units of the partition */
} ingot_range;

/* Share number `thread` of `units` units among `threads` threads. The shares differ by at most one unit. */
static inline ingot_range ingot_share(int32_t units, uint32_t thread, uint32_t threads) {
  ingot_range r;
  r.begin = (int32_t)((int64_t)units * thread / threads);
  r.end = (int32_t)((int64_t)units * (thread + 1) / threads);
  return r;
}

/* The part of `r` inside the window [begin, end), counted from the window's beginning; empty when they are apart. */
static inline ingot_range ingot_clip(ingot_range r, int32_t begin, int32_t end) {
  r.begin = (r.begin < begin ? begin : r.begin > end ? end : r.begin) - begin;
  r.end = (r.end < begin ? begin : r.end > end ? end : r.end) - begin;
  return r;
}

/* Part number `part` of `items` items that threads take as they come: parts 0 .. threads - 1 are theirs from the start,
 * then each asks for the next (ingot_next_part). All threads' next parts together are half of what is left, so that
 * parts are few while much is left and single items at the end. Empty, at `items`, when nothing is left. */
static inline ingot_range ingot_part(int32_t items, uint32_t part, uint32_t threads) {
  const int32_t team = (int32_t)threads, cut = team == 1 ? 1 : 2 * team;
  ingot_range r;
  r.begin = 0;
  for (;; part -= threads) {
    const int32_t each = (items - r.begin + cut - 1) / cut;
    if (part < threads || each == 0) {
      const int64_t begin = r.begin + (int64_t)each * part, end = begin + each;
      r.begin = begin < items ? (int32_t)begin : items;
      r.end = end < items ? (int32_t)end : items;
      return r;
    }
    const int64_t next = r.begin + (int64_t)each * team;
    r.begin = next < items ? (int32_t)next : items;
  }
}

/* ---------------------------------------------------------------------------------------------------------------
 * One step: up to `max_rows` rows through the whole model. Rows are consecutive tokens of one session.
 * ------------------------------------------------------------------------------------------------------------- */

typedef struct ingot_step {
  const uint8_t *weights; /* the packed image; 4096-byte aligned */
  uint8_t *arena;         /* activations shared by the team; 64-byte aligned, ingot_entry.arena_bytes */
  uint8_t *scratch;       /* thread t owns [t * scratch_bytes, (t + 1) * scratch_bytes); 64-byte aligned */
  uint8_t *kv;            /* the session's KV cache: ingot_model.kv_bytes(capacity) */
  const int32_t *tokens;  /* [rows] */
  float *logits;          /* [rows - first_logits_row][vocab_size]; not touched when there is no such row */
  uint32_t rows;          /* 1 .. max_rows */
  uint32_t position;      /* position of row 0; row r stands at position + r */
  uint32_t first_logits_row; /* logits are wanted of rows first_logits_row .. rows - 1 */
  uint32_t kv_capacity;   /* positions a slot can hold, a multiple of 64 */
  void (*barrier)(void *team, uint32_t thread); /* every thread of the team calls it the same number of times */
  uint32_t (*take)(void *team); /* 0, 1, 2 .. since the last barrier, each to one caller */
  void *team;
} ingot_step;

/* The next part of a thread that has done `part`; empty, at `items`, when nothing is left. */
static inline ingot_range ingot_next_part(const ingot_step *step, ingot_range part, int32_t items, uint32_t threads) {
  if (part.end < items)
    return ingot_part(items, threads + step->take(step->team), threads);
  part.begin = items;
  return part;
}

typedef void (*ingot_entry_fn)(const ingot_step *step, uint32_t thread, uint32_t threads);

/* One entry: the straight function that a team runs for up to max_rows rows. Entries are sorted by max_rows; the
 * first has max_rows 1 (decode), the last is the largest prefill chunk. A caller may use any entry with
 * max_rows >= rows: the numbers are the same, only the speed differs. */
typedef struct ingot_entry {
  ingot_entry_fn run;
  uint32_t max_rows;
  uint32_t reserved;
  uint64_t arena_bytes;   /* shared activations, independent of the thread count */
  uint64_t scratch_bytes; /* a thread's own, a multiple of 64 */
} ingot_entry;

/* The model compiled for one instruction-set level. */
typedef struct ingot_level {
  const char *name;        /* of the target */
  int (*usable)(void);     /* nonzero when this machine can run it; compiled for the target's base level */
  const ingot_entry *entries;
  uint32_t entry_count;
  uint32_t reserved;
} ingot_level;

struct ingot_tokenizer; /* ingot/tables.h; flat tables that the compiler wrote */
struct ingot_chat;

/* A compiled model: the one global symbol of NAME.o. */
struct ingot_model {
  uint32_t abi_version;
  uint32_t struct_bytes;
  const char *name;
  const char *target;  /* the --target it was compiled for */
  const char *banner;  /* compiler version and resolved options, one line */
  uint32_t vocab_size;
  uint32_t hidden_size;
  uint32_t block_count; /* distinct blocks */
  uint32_t run_count;   /* runs = KV slots */
  uint32_t max_context; /* the capacity the model was compiled for, in positions */
  uint32_t kv_bytes_per_position; /* over all slots; capacity * this = bytes of a session's cache */
  uint64_t weights_bytes;  /* of the packed image */
  uint64_t weights_read_per_token; /* bytes of the image that one decode step reads */
  uint64_t weights_hash[4]; /* SHA-256 of the packed image; a sidecar must match length and hash. Word 0 holds
                               bytes 0 .. 7 of the digest, byte 0 in its lowest bits */
  const uint8_t *weights;  /* the embedded image, or null: sidecar */
  uint64_t model_hash[4];  /* SHA-256 over architecture, options and weights: saved state is bound to it */
  const struct ingot_level *levels; /* best first */
  uint32_t level_count;
  uint32_t eos_count;
  const int32_t *eos;       /* end tokens */
  int32_t bos;              /* or -1 */
  uint32_t add_bos;
  const struct ingot_tokenizer *tokenizer; /* or null: compiled without */
  const struct ingot_chat *chat;           /* or null: no template, or one that cannot be expressed */
  /* How the KV cache is cut: kv_streams (slots x KV heads) streams of equal size behind each other, each of
   * capacity / 64 blocks of 64 positions. So the runtime can clear and save single blocks without knowing what
   * is in them. 0: not cut so; the cache is then cleared and saved as a whole. */
  uint32_t kv_streams;
  uint32_t reserved; /* 0 */
};

#ifdef __cplusplus
static_assert(sizeof(ingot_step) == 16 + 9 * sizeof(void *), "ABI layout");
} /* extern "C" */
#endif
#endif
