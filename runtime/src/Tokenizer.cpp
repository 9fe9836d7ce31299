//===- Tokenizer.cpp - From text to ids -----------------------------------===//
//
// Added tokens are found first, the text between them is cut into pieces, and
// each piece is encoded by byte-level BPE. The ids of a piece are merged where
// they will stay, so encoding needs no memory of its own: a piece becomes one
// id a byte, and every merge makes it shorter. SentencePiece has its own files.
//
//===----------------------------------------------------------------------===//

#include "Tokenizer.h"

#include "Merges.h"
#include "Pretokenizer.h"

namespace ingot {

/// Pieces up to this many bytes may be encoded on the stack when the caller's
/// buffer has room for the result but not for one id a byte.
static constexpr size_t kStackPiece = 512;

/// Merges all occurrences of the pair (left, merge.right) in ids[0, count), from
/// the left, and returns the new count. Stops early, with the rest moved up, when a
/// merge makes a pair that would have gone first.
static size_t mergeAll(const ingot_tokenizer &tables, int32_t left, const ingot_merge &merge,
                       int32_t *ids, size_t count) noexcept {
  size_t out = 0;
  bool lowerAppeared = false;
  for (size_t in = 0; in < count; ++out) {
    const bool here =
        !lowerAppeared && in + 1 < count && ids[in] == left && ids[in + 1] == merge.right;
    ids[out] = here ? merge.result : ids[in];
    in += here ? 2 : 1;
    if (here) {
      lowerAppeared |= out > 0 && rankOf(tables, ids[out - 1], ids[out]) < merge.rank;
      lowerAppeared |= in < count && rankOf(tables, ids[out], ids[in]) < merge.rank;
    }
  }
  return out;
}

/// Byte-pair encoding of a piece that stands in ids as one id a byte: the pair
/// of the lowest rank first, of equals the leftmost. Returns the count.
static size_t mergePiece(const ingot_tokenizer &tables, int32_t *ids, size_t count) noexcept {
  while (count > 1) {
    const ingot_merge *best = nullptr;
    int32_t left = 0;
    for (size_t i = 0; i + 1 < count; ++i) {
      const ingot_merge *merge = findMerge(tables, ids[i], ids[i + 1]);
      if (merge && (!best || merge->rank < best->rank)) {
        best = merge;
        left = ids[i];
      }
    }
    if (!best)
      break;
    count = mergeAll(tables, left, *best, ids, count);
  }
  return count;
}

static size_t encodePiece(const ingot_tokenizer &tables, const uint8_t *text, size_t bytes,
                          int32_t *ids) noexcept {
  size_t count = 0;
  for (size_t i = 0; i < bytes; ++i)
    if (tables.byte_tokens[text[i]] >= 0) // else the vocabulary cannot say it: left out
      ids[count++] = tables.byte_tokens[text[i]];
  return mergePiece(tables, ids, count);
}

bool Encoder::putId(int32_t id) noexcept {
  if (buffer.count == buffer.room)
    return false;
  buffer.ids[buffer.count++] = id;
  return true;
}

bool Encoder::putPiece(const uint8_t *text, size_t bytes) noexcept {
  int32_t *ids = buffer.ids + buffer.count;
  if (buffer.room - buffer.count >= bytes) {
    buffer.count += encodePiece(tables, text, bytes, ids);
    return true;
  }
  if (bytes > kStackPiece)
    return false;
  int32_t piece[kStackPiece];
  const size_t found = encodePiece(tables, text, bytes, piece);
  if (buffer.room - buffer.count < found)
    return false;
  for (size_t i = 0; i < found; ++i)
    buffer.ids[buffer.count++] = piece[i];
  return true;
}

int32_t addedTokenAt(const ingot_tokenizer &tables, const uint8_t *text, size_t bytes) noexcept {
  const uint32_t end = tables.added_begin[text[0] + 1];
  for (uint32_t i = tables.added_begin[text[0]]; i < end; ++i) {
    const int32_t id = tables.added_tokens[i];
    const uint8_t *token = tables.token_bytes + tables.token_offsets[id];
    const size_t length = tables.token_offsets[id + 1] - tables.token_offsets[id];
    size_t same = 0;
    while (same < length && same < bytes && token[same] == text[same])
      ++same;
    if (same == length)
      return id;
  }
  return -1;
}

bool Encoder::putBytes(const uint8_t *text, size_t bytes) noexcept {
  for (size_t at = 0; at < bytes;) {
    const size_t length = nextPiece(tables.pretokenizer, text + at, bytes - at);
    if (!putPiece(text + at, length))
      return false;
    at += length;
  }
  return true;
}

bool Encoder::putPart(const uint8_t *text, size_t bytes) noexcept {
  return tables.sentencepiece ? pieces.put(text, bytes) : putBytes(text, bytes);
}

bool Encoder::endText() noexcept { return !tables.sentencepiece || pieces.finish(); }

bool Encoder::putText(const uint8_t *text, size_t bytes, bool special) noexcept {
  size_t begin = 0;
  for (size_t at = 0; special && at < bytes;) {
    const int32_t id = addedTokenAt(tables, text + at, bytes - at);
    if (id < 0) {
      ++at;
      continue;
    }
    if (!putPart(text + begin, at - begin) || !endText() || !putId(id))
      return false;
    at += tables.token_offsets[id + 1] - tables.token_offsets[id];
    begin = at;
  }
  return putPart(text + begin, bytes - begin) && endText();
}

ingot_status Encoder::finish(size_t &needed, bool complete, size_t bytes) const noexcept {
  if (complete) {
    needed = buffer.count;
    return INGOT_OK;
  }
  // An id a byte, or what the longest replacements make of it; an eighth for the index of a text
  // without boundaries, and what is needed without any byte.
  const size_t each = tables.sentencepiece ? tables.sentencepiece->ids_per_byte : 1;
  if (__builtin_mul_overflow(bytes, each, &needed) ||
      __builtin_add_overflow(needed, needed / 8 + 64, &needed))
    needed = SIZE_MAX / sizeof(int32_t);
  return INGOT_BUFFER_TOO_SMALL;
}

} // namespace ingot

using namespace ingot;

extern "C" ingot_status ingot_tokenize(const ingot_model *model, const char *text, size_t bytes,
                                       uint32_t flags, int32_t *ids, size_t *count) {
  if (!model || !count || (!text && bytes) || (!ids && *count) ||
      (flags & ~(INGOT_TOKENIZE_NO_SPECIAL | INGOT_TOKENIZE_NO_BOS)))
    return INGOT_INVALID_ARGUMENT;
  if (!model->tokenizer)
    return INGOT_NO_TOKENIZER;
  Encoder encoder(*model->tokenizer, ids, *count);
  const bool bos = model->add_bos && model->bos >= 0 && !(flags & INGOT_TOKENIZE_NO_BOS);
  const bool complete = (!bos || encoder.putId(model->bos)) &&
                        encoder.putText(reinterpret_cast<const uint8_t *>(text), bytes,
                                        !(flags & INGOT_TOKENIZE_NO_SPECIAL));
  return encoder.finish(*count, complete, bytes);
}
