//===- SentencePiece.h - Encoding text with a SentencePiece model ---------===//
//
// Text streams through: bytes -> normalised characters -> symbols -> chunks of
// symbols that nothing can join to their neighbours -> ids. Each stage holds a
// window of fixed size, except for the chunk: it grows into the free part of the
// caller's buffer when a text goes on without any boundary.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_RUNTIME_SRC_SENTENCEPIECE_H
#define INGOT_RUNTIME_SRC_SENTENCEPIECE_H

#include "Merges.h"
#include "Unicode.h"

#include "ingot/tables.h"

#include <stddef.h>
#include <stdint.h>

namespace ingot {

/// A caller's buffer, of which [0, count) is written.
struct IdBuffer {
  int32_t *ids;
  size_t room, count = 0;
};

class SentencePieceEncoder {
public:
  SentencePieceEncoder(const ingot_tokenizer &tables, IdBuffer &out) noexcept
      : tables(tables), pieces(*tables.sentencepiece), out(out) {}

  /// The next part of a text. False: the buffer's room is used up.
  bool put(const uint8_t *text, size_t bytes) noexcept;
  /// The end of the text; the next part begins another.
  bool finish() noexcept;

private:
  static constexpr size_t kWindow = 1024;    ///< twice the largest lookahead
  static constexpr size_t kSmallChunk = 512; ///< symbols of a chunk held outside the buffer
  static constexpr size_t kMaxStarts = 256;  ///< characters of the longest piece

  bool has(uint32_t flag) const noexcept { return (pieces.flags & flag) != 0; }

  // Normalisation: SentencePieceNormalize.cpp.
  struct Replacement {
    const uint8_t *text;
    size_t bytes;
    size_t consumed;
  };
  bool normalize(bool final) noexcept;
  Replacement replacementAt(const uint8_t *text, size_t bytes) const noexcept;
  bool putReplacement(Replacement replacement) noexcept;
  bool putCharacter(const uint8_t *text, size_t bytes) noexcept;
  bool putSpace() noexcept;
  bool append(const uint8_t *text, size_t bytes) noexcept;

  // Symbols and chunks: SentencePiece.cpp.
  bool drain(bool final) noexcept;
  bool putBpe(Character character, const uint8_t *text) noexcept;
  bool mayJoin(int32_t left, int32_t right) const noexcept;
  bool push(int32_t symbol) noexcept;
  bool closeBpe() noexcept;
  bool closeChunk() noexcept { return has(INGOT_PIECES_UNIGRAM) ? closeUnigram() : closeBpe(); }
  bool emitChunk(size_t begin, size_t end) noexcept;
  bool emitSymbol(int32_t symbol) noexcept;
  bool emitCharacter(uint32_t codePoint) noexcept;
  bool emitId(int32_t id) noexcept;
  int32_t *chunk() noexcept { return spilled ? out.ids + out.count : small; }

  // Viterbi: SentencePieceUnigram.cpp.
  bool putUnigram(Character character, const uint8_t *text) noexcept;
  bool closeUnigram() noexcept;
  size_t charactersOf(int32_t symbol) const noexcept;

  /// A character without a symbol, as an entry of a chunk.
  static int32_t foreign(uint32_t codePoint) noexcept {
    return -1 - static_cast<int32_t>(codePoint);
  }

  const ingot_tokenizer &tables;
  const ingot_sentencepiece &pieces;
  IdBuffer &out;

  size_t rawCount = 0, normalCount = 0;
  size_t heldSpaces = 0;   ///< they go if the text ends behind them
  bool atBeginning = true; ///< no text has ended before
  bool started = false;    ///< something of this text is not left out
  bool afterSpace = false; ///< spaces that come now are left out
  bool anyNormal = false;  ///< a normalised character has come
  bool afterUnknown = false;

  size_t chunkCount = 0;
  size_t unread =
      SIZE_MAX;         ///< of a spilled chunk that is being emitted: ids may be written before it
  bool spilled = false; ///< the chunk stands in the buffer behind the ids

  struct Start { ///< a piece may have begun here
    uint32_t node;
    double best; ///< score of the best way up to it
  };
  size_t startCount = 0;
  double bestHere = 0; ///< score of the best way up to the present character

  Start starts[kMaxStarts];
  int32_t small[kSmallChunk];
  uint8_t raw[kWindow], normal[kWindow];
};

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_SENTENCEPIECE_H
