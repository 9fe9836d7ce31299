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
#define INGOT_TOKEN_BYTE 4u    /* SentencePiece: stands for one byte, maybe of a longer character */
#define INGOT_TOKEN_SPACE 8u   /* SentencePiece: begins with the space symbol, stored as a space */

/* One merge: its left token (see merge_begin) and `right` side by side become `result`; lower ranks
 * go first. */
typedef struct ingot_merge {
  int32_t right;
  uint32_t rank;
  int32_t result;
} ingot_merge;

/* A set of byte strings with a value each. Nodes are numbered level by level, so that the children
 * of a node stand side by side, sorted by label; node 0 is the root. Those of node n are
 * first_child[n] .. first_child[n + 1] - 1. */
typedef struct ingot_trie {
  uint32_t nodes;   /* 0: the set is empty */
  uint32_t longest; /* bytes of the longest string */
  const uint32_t *first_child; /* [nodes + 1] */
  const uint8_t *labels;       /* [nodes] the byte that leads to the node */
  const int32_t *values;       /* [nodes] of the string that ends here, or -1 */
} ingot_trie;

#define INGOT_PIECES_UNIGRAM 1u        /* the most probable pieces (Kudo, 2018); else BPE */
#define INGOT_PIECES_BYTE_FALLBACK 2u  /* unknown characters become their bytes, by byte_tokens */
#define INGOT_PIECES_FUSE_UNKNOWN 4u   /* unknown characters side by side are one unknown token */
#define INGOT_PIECES_REMOVE_SPACES 8u  /* spaces at both ends go, several become one */
#define INGOT_PIECES_ESCAPE_SPACES 16u /* spaces become the space symbol, U+2581 */
#define INGOT_PIECES_SPACE_SUFFIX 32u  /* the space that is added goes behind the text */
#define INGOT_PIECES_SPLIT_SPACES 64u  /* a space symbol begins a word; words are encoded apart */
#define INGOT_PIECES_DOUBLE_SCORES 128u /* sums of scores are doubles; else rounded to float */
#define INGOT_PIECES_STRIP_SPACE 256u  /* decoding drops the space symbol that begins a text */
#define INGOT_PIECES_PREFIX_FIRST 512u /* a space is not added behind added tokens */

#define INGOT_PREFIX_NONE 0u
#define INGOT_PREFIX_ALWAYS 1u       /* a space is added to every text that is not empty */
#define INGOT_PREFIX_UNLESS_SPACE 2u /* only when it does not begin with one */

/* What an unused piece is taken apart into: expansion_symbols[begin .. begin + count). */
typedef struct ingot_expansion {
  int32_t id;
  uint32_t begin, count;
} ingot_expansion;

/* SentencePiece (Kudo and Richardson, 2018). What is merged or scored are symbols: the tokens by
 * id, and behind them characters that occur in tokens without being one. */
struct ingot_sentencepiece {
  uint32_t struct_bytes;
  uint32_t flags;   /* INGOT_PIECES_* */
  uint32_t prefix;  /* INGOT_PREFIX_* */
  int32_t unknown;  /* the unknown token, or -1: all bytes have tokens */
  const char *unknown_text; /* what the unknown token is decoded to */
  uint32_t unknown_bytes;
  uint32_t lookahead;      /* bytes of text that decide what is at its beginning; at most 512 */
  uint32_t ids_per_byte;   /* bound of the ids that a byte of text becomes */
  uint32_t longest_symbol; /* unigram: characters of the longest one; at most 256 */
  ingot_trie symbols;      /* BPE: single characters; unigram: all pieces */
  ingot_trie user;         /* user-defined pieces: matched before all else, never merged */
  /* Normalisation: a double array as Darts-clone writes it, whose values are offsets of
   * zero-terminated replacements in rule_text. */
  uint32_t rule_count; /* units; 0: no rules */
  const uint32_t *rule_units;
  const char *rule_text;
  const uint32_t *extra_characters; /* code points of the symbols behind the tokens */
  const double *scores;  /* unigram: [vocab_count] */
  double unknown_score;  /* unigram */
  /* BPE: bit ingot_join_slot(a, b) & join_mask is set when some merge has a at the end of its left
   * and b at the beginning of its right half, so nothing joins characters whose bit is clear. */
  const uint8_t *joins;
  uint32_t join_mask;
  uint32_t expansion_count;
  const ingot_expansion *expansions; /* sorted by id */
  const int32_t *expansion_symbols;
};

static inline uint32_t ingot_join_slot(int32_t left, int32_t right) {
  const uint32_t mixed = (uint32_t)left * 0x9E3779B1u ^ (uint32_t)right * 0x85EBCA6Bu;
  return mixed ^ mixed >> 15;
}

/* Byte-level BPE (Sennrich et al., 2016; Radford et al., 2019), or SentencePiece. */
struct ingot_tokenizer {
  uint32_t struct_bytes;
  uint32_t pretokenizer; /* INGOT_PRETOKENIZER_*; 0 for SentencePiece */
  uint32_t vocab_count;
  uint32_t added_count;
  const uint32_t *token_offsets; /* [vocab_count + 1] into token_bytes */
  const uint8_t *token_bytes;    /* what each token stands for, as bytes of text */
  const uint8_t *token_flags;    /* [vocab_count] INGOT_TOKEN_* */
  /* Merges by left token: those of token t are merges[merge_begin[t]] .. merges[merge_begin[t + 1]
   * - 1], sorted by right token. */
  const ingot_merge *merges;
  const uint32_t *merge_begin; /* [symbols + 1]; byte-level: symbols are tokens */
  const int32_t *byte_tokens; /* [256] the token of a single byte, or -1: left out */
  /* Added tokens by first byte, of one byte the longest first: those of byte b are
   * added_tokens[added_begin[b]] .. added_tokens[added_begin[b + 1] - 1]. */
  const int32_t *added_tokens;  /* [added_count] */
  const uint32_t *added_begin;  /* [257] */
  const struct ingot_sentencepiece *sentencepiece; /* or null: byte-level BPE */
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
