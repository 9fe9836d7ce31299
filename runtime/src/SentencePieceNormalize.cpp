//===- SentencePieceNormalize.cpp - From bytes to normalised characters ---===//
//
// User-defined pieces stand as they are; else the longest rule at a place
// replaces what it matches, and bytes that are no UTF-8 become U+FFFD. Then
// spaces: left out where several stand together, escaped, one added in front.
//
//===----------------------------------------------------------------------===//

#include "Memory.h"
#include "SentencePiece.h"
#include "Trie.h"

namespace ingot {

static constexpr uint8_t kSpaceSymbol[3] = {0xE2, 0x96, 0x81};
static constexpr uint8_t kReplacementCharacter[3] = {0xEF, 0xBF, 0xBD};

/// The longest text that a rule replaces. A unit of the array: bits 0 .. 7 and 31 are its label,
/// bit 8 says that a value hangs below, the rest is the way to its children.
static TrieMatch longestRule(const ingot_sentencepiece &pieces, const uint8_t *text,
                             size_t bytes) noexcept {
  TrieMatch match;
  const uint32_t *units = pieces.rule_units;
  auto offset = [&](uint32_t unit) noexcept {
    return units[unit] >> 10 << ((units[unit] & 0x200u) >> 6);
  };
  uint32_t at = 0;
  for (size_t i = 0; i < bytes && text[i] != 0 && pieces.rule_count > 0; ++i) {
    at ^= offset(at) ^ text[i];
    if (at >= pieces.rule_count || (units[at] & 0x800000FFu) != text[i])
      break;
    if (units[at] & 0x100u)
      match = {i + 1, static_cast<int32_t>(units[at ^ offset(at)] & 0x7FFFFFFFu)};
  }
  return match;
}

/// Drops the first `used` bytes of a window.
static void shift(uint8_t *window, size_t &count, size_t used) noexcept {
  for (size_t i = used; i < count; ++i)
    window[i - used] = window[i];
  count -= used;
}

bool SentencePieceEncoder::put(const uint8_t *text, size_t bytes) noexcept {
  while (bytes > 0) {
    const size_t part = bytes < kWindow - rawCount ? bytes : kWindow - rawCount;
    copyBytes(raw + rawCount, text, part);
    rawCount += part;
    text += part;
    bytes -= part;
    if (!normalize(/*final=*/false))
      return false;
  }
  return true;
}

bool SentencePieceEncoder::finish() noexcept {
  if (!normalize(/*final=*/true))
    return false;
  heldSpaces = 0;
  if (started && pieces.prefix != INGOT_PREFIX_NONE && has(INGOT_PIECES_SPACE_SUFFIX))
    if (!putSpace() || !append(nullptr, 0))
      return false;
  heldSpaces = 0;
  if (!drain(/*final=*/true) || !closeChunk())
    return false;
  startCount = 0;
  bestHere = 0;
  started = afterSpace = anyNormal = afterUnknown = atBeginning = false;
  return true;
}

bool SentencePieceEncoder::normalize(bool final) noexcept {
  size_t at = 0;
  bool room = true;
  while (room && at < rawCount && (final || rawCount - at >= pieces.lookahead)) {
    const Replacement replacement = replacementAt(raw + at, rawCount - at);
    at += replacement.consumed;
    room = putReplacement(replacement);
  }
  shift(raw, rawCount, at);
  return room;
}

SentencePieceEncoder::Replacement SentencePieceEncoder::replacementAt(const uint8_t *text,
                                                                      size_t bytes) const noexcept {
  if (const TrieMatch user = longestMatch(pieces.user, text, bytes); user.bytes > 0)
    return {text, user.bytes, user.bytes};
  if (const TrieMatch rule = longestRule(pieces, text, bytes); rule.bytes > 0) {
    const auto *with = reinterpret_cast<const uint8_t *>(pieces.rule_text) + rule.value;
    size_t size = 0;
    while (with[size] != 0)
      ++size;
    return {with, size, rule.bytes};
  }
  const Character character = decodeUtf8(text, bytes);
  if (character.codePoint == 0xFFFD && character.bytes == 1)
    return {kReplacementCharacter, sizeof kReplacementCharacter, 1};
  return {text, character.bytes, character.bytes};
}

bool SentencePieceEncoder::putReplacement(Replacement replacement) noexcept {
  const bool remove = has(INGOT_PIECES_REMOVE_SPACES);
  const uint8_t *text = replacement.text;
  size_t bytes = replacement.bytes;
  if (!started) {
    if (remove && bytes == 1 && text[0] == ' ')
      return true;
    started = true;
    afterSpace = remove;
    const bool here = atBeginning || !has(INGOT_PIECES_PREFIX_FIRST);
    if (pieces.prefix == INGOT_PREFIX_ALWAYS && here && !has(INGOT_PIECES_SPACE_SUFFIX))
      if (!putSpace())
        return false;
  }
  for (; afterSpace && bytes > 0 && text[0] == ' '; --bytes)
    ++text;
  if (bytes > 0)
    afterSpace = remove && text[bytes - 1] == ' ';
  while (bytes > 0) {
    const size_t length = sequenceBytes(text[0]); // what is here is UTF-8
    if (text[0] == ' ' && has(INGOT_PIECES_ESCAPE_SPACES) ? !putSpace()
                                                          : !putCharacter(text, length))
      return false;
    text += length;
    bytes -= length;
  }
  return true;
}

bool SentencePieceEncoder::putSpace() noexcept {
  static constexpr uint8_t space = ' ';
  return has(INGOT_PIECES_ESCAPE_SPACES) ? putCharacter(kSpaceSymbol, sizeof kSpaceSymbol)
                                         : putCharacter(&space, 1);
}

bool SentencePieceEncoder::putCharacter(const uint8_t *text, size_t bytes) noexcept {
  const bool escaped = bytes == 3 && text[0] == kSpaceSymbol[0] && text[1] == kSpaceSymbol[1] &&
                       text[2] == kSpaceSymbol[2];
  const bool isSpace = has(INGOT_PIECES_ESCAPE_SPACES) ? escaped : text[0] == ' ';
  const bool first = !anyNormal;
  anyNormal = true;
  if (first && !isSpace && pieces.prefix == INGOT_PREFIX_UNLESS_SPACE &&
      (atBeginning || !has(INGOT_PIECES_PREFIX_FIRST)))
    if (!putSpace())
      return false;
  if (isSpace && has(INGOT_PIECES_REMOVE_SPACES)) {
    ++heldSpaces;
    return true;
  }
  return append(text, bytes);
}

/// Appends to the window of normalised text, after the spaces that were held.
bool SentencePieceEncoder::append(const uint8_t *text, size_t bytes) noexcept {
  const bool escape = has(INGOT_PIECES_ESCAPE_SPACES);
  for (; heldSpaces > 0; --heldSpaces) {
    if (kWindow - normalCount < sizeof kSpaceSymbol && !drain(/*final=*/false))
      return false;
    for (size_t i = 0; i < (escape ? sizeof kSpaceSymbol : 1); ++i)
      normal[normalCount++] = escape ? kSpaceSymbol[i] : ' ';
  }
  if (kWindow - normalCount < bytes && !drain(/*final=*/false))
    return false;
  copyBytes(normal + normalCount, text, bytes);
  normalCount += bytes;
  return true;
}

bool SentencePieceEncoder::drain(bool final) noexcept {
  size_t at = 0;
  bool room = true;
  while (room && at < normalCount && (final || normalCount - at >= pieces.lookahead)) {
    const uint8_t *text = normal + at;
    if (!has(INGOT_PIECES_UNIGRAM))
      if (const TrieMatch user = longestMatch(pieces.user, text, normalCount - at);
          user.bytes > 0) {
        room = closeChunk() && emitSymbol(user.value);
        at += user.bytes;
        continue;
      }
    const Character character = decodeUtf8(text, normalCount - at);
    room = has(INGOT_PIECES_UNIGRAM) ? putUnigram(character, text) : putBpe(character, text);
    at += character.bytes;
  }
  shift(normal, normalCount, at);
  return room;
}

} // namespace ingot
