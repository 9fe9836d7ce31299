//===- SentencePiece.cpp - From characters to ids -------------------------===//
//
// BPE merges the pair of the best score in the whole text first. Where no merge
// can reach over a boundary of two characters, both sides are independent, so
// the text is cut there and its parts are merged apart: words, in most texts.
//
//===----------------------------------------------------------------------===//

#include "SentencePiece.h"

#include "Memory.h"
#include "Trie.h"

namespace ingot {

static constexpr uint32_t kSpaceCodePoint = 0x2581;

static_assert(sizeof(SentencePieceEncoder) <= 10 * 1024, "it stands on the caller's stack");

bool SentencePieceEncoder::mayJoin(int32_t left, int32_t right) const noexcept {
  const uint32_t slot = ingot_join_slot(left, right) & pieces.join_mask;
  return (pieces.joins[slot / 8] >> (slot % 8) & 1) != 0;
}

bool SentencePieceEncoder::putBpe(Character character, const uint8_t *text) noexcept {
  const bool word = has(INGOT_PIECES_SPLIT_SPACES) && character.codePoint == kSpaceCodePoint;
  if (word && !closeBpe())
    return false;
  afterUnknown = afterUnknown && !word;
  const uint32_t node = walkTrie(pieces.symbols, 0, text, character.bytes);
  const int32_t symbol = node == 0 ? -1 : pieces.symbols.values[node];
  if (symbol < 0)
    return closeBpe() && emitCharacter(character.codePoint);
  if (chunkCount > 0 && !mayJoin(chunk()[chunkCount - 1], symbol) && !closeBpe())
    return false;
  return push(symbol);
}

bool SentencePieceEncoder::push(int32_t symbol) noexcept {
  if (!spilled && chunkCount < kSmallChunk) {
    small[chunkCount++] = symbol;
    return true;
  }
  if (chunkCount >= out.room - out.count)
    return false;
  if (!spilled) {
    copyBytes(out.ids + out.count, small, chunkCount * sizeof(int32_t));
    spilled = true;
  }
  out.ids[out.count + chunkCount++] = symbol;
  return true;
}

bool SentencePieceEncoder::closeBpe() noexcept {
  if (spilled) {
    if (mergeIndexWords(chunkCount) > out.room - out.count - chunkCount)
      return false;
    chunkCount = mergeSymbols(tables, chunk(), chunkCount,
                              reinterpret_cast<uint32_t *>(chunk()) + chunkCount);
  } else if (chunkCount > 1) {
    uint32_t index[mergeIndexWords(kSmallChunk)];
    chunkCount = mergeSymbols(tables, small, chunkCount, index);
  }
  return emitChunk(0, chunkCount);
}

/// Turns [begin, end) of the chunk, which is then empty, into ids.
bool SentencePieceEncoder::emitChunk(size_t begin, size_t end) noexcept {
  const int32_t *from = chunk() + begin;
  const size_t size = end - begin;
  chunkCount = 0;
  if (spilled) {
    // From the end of the buffer, so that a symbol may become several ids.
    spilled = false;
    unread = out.room - size;
    for (size_t i = size; i-- > 0;)
      out.ids[unread + i] = from[i];
    while (unread < out.room) {
      const int32_t symbol = out.ids[unread++];
      if (!emitSymbol(symbol))
        return false;
    }
    unread = SIZE_MAX;
    return true;
  }
  for (size_t i = 0; i < size; ++i)
    if (!emitSymbol(from[i]))
      return false;
  return true;
}

bool SentencePieceEncoder::emitSymbol(int32_t symbol) noexcept {
  if (symbol < 0)
    return emitCharacter(static_cast<uint32_t>(-1 - symbol));
  uint32_t low = 0;
  for (uint32_t high = pieces.expansion_count; low < high;) {
    const uint32_t middle = low + (high - low) / 2;
    if (pieces.expansions[middle].id < symbol)
      low = middle + 1;
    else
      high = middle;
  }
  const bool unused = low < pieces.expansion_count && pieces.expansions[low].id == symbol;
  const uint32_t count = unused ? pieces.expansions[low].count : 1;
  const int32_t *parts = unused ? pieces.expansion_symbols + pieces.expansions[low].begin : &symbol;
  for (uint32_t i = 0; i < count; ++i) {
    const auto part = static_cast<uint32_t>(parts[i]);
    const bool token = part < tables.vocab_count;
    if (token ? !emitId(parts[i])
              : !emitCharacter(pieces.extra_characters[part - tables.vocab_count]))
      return false;
  }
  return true;
}

/// A character that the vocabulary has not.
bool SentencePieceEncoder::emitCharacter(uint32_t codePoint) noexcept {
  if (!has(INGOT_PIECES_BYTE_FALLBACK)) {
    if (afterUnknown && has(INGOT_PIECES_FUSE_UNKNOWN))
      return true;
    if (!emitId(pieces.unknown))
      return false;
    afterUnknown = true;
    return true;
  }
  uint8_t bytes[4];
  const uint32_t length = encodeUtf8(codePoint, bytes);
  for (uint32_t i = 0; i < length; ++i)
    if (!emitId(tables.byte_tokens[bytes[i]]))
      return false;
  return true;
}

bool SentencePieceEncoder::emitId(int32_t id) noexcept {
  if (out.count >= out.room || out.count >= unread)
    return false;
  out.ids[out.count++] = id;
  afterUnknown = false;
  return true;
}

} // namespace ingot
