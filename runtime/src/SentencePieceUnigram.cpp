//===- SentencePieceUnigram.cpp - The most probable pieces ----------------===//
//
// Viterbi, a character at a time: every place where a piece may have begun is a
// node in the trie of pieces, which the next character moves on or ends. What is
// kept of a place is the last piece of the best way to it. When no piece reaches
// over a place, everything before it is decided and goes out.
//
// Scores are added and compared in the precision, and candidates come in the
// order, of the library whose ids these are, so ties fall as they do there: the
// earlier start wins, and sums run on from the beginning of the text.
//
//===----------------------------------------------------------------------===//

#include "SentencePiece.h"
#include "Trie.h"

namespace ingot {

static constexpr uint32_t kSpaceCodePoint = 0x2581;

bool SentencePieceEncoder::putUnigram(Character character, const uint8_t *text) noexcept {
  if (has(INGOT_PIECES_SPLIT_SPACES) && character.codePoint == kSpaceCodePoint) {
    if (!closeUnigram())
      return false;
    startCount = 0;
    bestHere = 0;
    afterUnknown = false;
  }

  struct {
    int32_t symbol;
    double score;
    bool any;
  } best = {0, 0, false};
  const bool doubles = has(INGOT_PIECES_DOUBLE_SCORES);
  auto consider = [&](int32_t symbol, double candidate) noexcept {
    if (best.any && !(candidate > best.score))
      return;
    best = {symbol, doubles ? candidate : static_cast<double>(static_cast<float>(candidate)), true};
  };

  size_t kept = 0;
  for (size_t i = 0; i < startCount; ++i) {
    const Start start = starts[i];
    const uint32_t node = walkTrie(pieces.symbols, start.node, text, character.bytes);
    if (node == 0)
      continue;
    if (const int32_t piece = pieces.symbols.values[node]; piece >= 0)
      consider(piece, pieces.scores[piece] + start.best);
    starts[kept++] = {node, start.best};
  }
  if (kept == 0 && chunkCount > 0 && !closeUnigram())
    return false;

  const uint32_t own = walkTrie(pieces.symbols, 0, text, character.bytes);
  const int32_t piece = own == 0 ? -1 : pieces.symbols.values[own];
  if (piece >= 0) {
    consider(piece, pieces.scores[piece] + bestHere);
  } else {
    const double candidate = pieces.unknown_score + bestHere;
    consider(foreign(character.codePoint),
             doubles ? candidate : static_cast<double>(static_cast<float>(candidate)));
  }
  if (own != 0 && kept < kMaxStarts) // always: the compiler refuses longer pieces
    starts[kept++] = {own, bestHere};
  startCount = kept;
  bestHere = best.score;
  return push(best.symbol);
}

size_t SentencePieceEncoder::charactersOf(int32_t symbol) const noexcept {
  if (symbol < 0)
    return 1;
  size_t characters = 0;
  for (uint32_t i = tables.token_offsets[symbol]; i < tables.token_offsets[symbol + 1]; ++i)
    characters += (tables.token_bytes[i] & 0xC0) != 0x80;
  return characters;
}

/// Follows the best way back through the chunk, whose entry k is the last piece
/// before place k + 1, and moves its pieces to the chunk's end.
bool SentencePieceEncoder::closeUnigram() noexcept {
  int32_t *places = chunk();
  size_t begin = chunkCount;
  for (size_t end = chunkCount; end > 0;) {
    const int32_t symbol = places[end - 1];
    places[--begin] = symbol; // not before place end - 1: a piece has a character
    end -= charactersOf(symbol);
  }
  return emitChunk(begin, chunkCount);
}

} // namespace ingot
