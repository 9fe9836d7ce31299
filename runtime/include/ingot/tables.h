/* Tables of a compiled tokenizer and chat template: plain constant data that the compiler wrote.
 *
 * Like abi.h this is a treaty between generated code and the runtime, and versioned with it
 * (INGOT_ABI_VERSION). The runtime trusts the tables: everything in them was checked when they were
 * compiled.
 */
#ifndef INGOT_TABLES_H
#define INGOT_TABLES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a text is cut into pieces before it is encoded; a piece never shares a token with another. */
#define INGOT_PRETOKENIZER_GPT2 1u /* GPT-2's pattern: contractions, words, numbers, signs, spaces */
#define INGOT_PRETOKENIZER_DIGITS_GPT2 2u /* single digits first, then GPT-2's pattern (smollm) */

#define INGOT_TOKEN_SPECIAL 1u /* control token: text such as <|im_end|>, left out of output */
#define INGOT_TOKEN_ADDED 2u   /* recognised in texts as a whole before anything else */

/* One merge: its left token (see merge_begin) and `right` side by side become `result`; lower ranks
 * go first. */
typedef struct ingot_merge {
  int32_t right;
  uint32_t rank;
  int32_t result;
} ingot_merge;

/* Byte-level BPE (Sennrich et al., 2016; Radford et al., 2019). */
struct ingot_tokenizer {
  uint32_t struct_bytes;
  uint32_t pretokenizer; /* INGOT_PRETOKENIZER_* */
  uint32_t vocab_count;
  uint32_t added_count;
  const uint32_t *token_offsets; /* [vocab_count + 1] into token_bytes */
  const uint8_t *token_bytes;    /* what each token stands for, as bytes of text */
  const uint8_t *token_flags;    /* [vocab_count] INGOT_TOKEN_* */
  /* Merges by left token: those of token t are merges[merge_begin[t]] .. merges[merge_begin[t + 1]
   * - 1], sorted by right token. */
  const ingot_merge *merges;
  const uint32_t *merge_begin; /* [vocab_count + 1] */
  const int32_t *byte_tokens; /* [256] the token of a single byte, or -1: left out */
  /* Added tokens by first byte, of one byte the longest first: those of byte b are
   * added_tokens[added_begin[b]] .. added_tokens[added_begin[b + 1] - 1]. */
  const int32_t *added_tokens;  /* [added_count] */
  const uint32_t *added_begin;  /* [257] */
};

/* A stretch of a chat template, UTF-8. Added tokens in it are recognised. */
typedef struct ingot_chat_text {
  const char *text;
  uint32_t bytes;
  uint32_t reserved;
} ingot_chat_text;

/* A conversation is: prologue; the default system turn when the first message is no system message;
 * for each message prefix[role], its text, suffix[role]; the generation prompt where it is asked
 * for. Roles are INGOT_ROLE_*. */
struct ingot_chat {
  uint32_t struct_bytes;
  uint32_t trim; /* 1: white space around the texts is removed */
  ingot_chat_text prologue, default_system, generation_prompt;
  ingot_chat_text prefix[3], suffix[3];
};

#ifdef __cplusplus
} /* extern "C" */
#endif
#endif
