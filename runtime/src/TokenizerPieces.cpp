//===- TokenizerPieces.cpp - Cutting text into pieces ---------------------===//
//
// GPT-2's pattern (Radford et al., 2019, encoder.py), alternatives in order:
//
//   's|'t|'re|'ve|'m|'ll|'d | ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// `smollm` first isolates every number character, so that the pattern never
// sees across one: a piece before it ends there as if the text did.
//
//===----------------------------------------------------------------------===//

#include "Pretokenizer.h"
#include "Unicode.h"

#include "ingot/tables.h"

namespace ingot {

namespace {

/// The text with an end that a single digit may bring forward.
struct Cursor {
  const uint8_t *text;
  size_t bytes;
  bool digitsEndIt;

  bool at(size_t position, Character &character, CharClass &charClass) const noexcept {
    if (position >= bytes)
      return false;
    character = decodeUtf8(text + position, bytes - position);
    charClass = classOf(character.codePoint);
    return !(digitsEndIt && charClass == CharClass::Number);
  }
};

/// The end of the run of `wanted` that begins at `from`.
size_t endOfRun(const Cursor &cursor, size_t from, CharClass wanted) noexcept {
  Character character;
  CharClass charClass;
  while (cursor.at(from, character, charClass) && charClass == wanted)
    from += character.bytes;
  return from;
}

/// 's 't 're 've 'm 'll 'd: bytes matched, or 0.
size_t contraction(const Cursor &cursor) noexcept {
  if (cursor.text[0] != '\'' || cursor.bytes < 2)
    return 0;
  const uint8_t a = cursor.text[1], b = cursor.bytes > 2 ? cursor.text[2] : 0;
  if (a == 's' || a == 't' || a == 'm' || a == 'd')
    return 2;
  return (a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/// \s+(?!\S)|\s+: white space gives its last character to the word after it,
/// unless that is all there is.
size_t spaces(const Cursor &cursor) noexcept {
  Character character;
  CharClass charClass;
  size_t end = 0, last = 0;
  bool more;
  while ((more = cursor.at(end, character, charClass)) && charClass == CharClass::Space) {
    last = end;
    end += character.bytes;
  }
  return more && last > 0 ? last : end;
}

} // namespace

size_t nextPiece(uint32_t pretokenizer, const uint8_t *text, size_t bytes) noexcept {
  const Cursor cursor = {text, bytes, pretokenizer == INGOT_PRETOKENIZER_DIGITS_GPT2};
  Character character;
  CharClass charClass;
  if (!cursor.at(0, character, charClass))
    return character.bytes; // a digit on its own
  if (const size_t matched = contraction(cursor))
    return matched;
  // An optional space, then a run of one class that is not white space.
  const size_t begin = text[0] == ' ' ? 1 : 0;
  if (begin == 0 || cursor.at(1, character, charClass))
    if (charClass != CharClass::Space)
      return endOfRun(cursor, begin, charClass);
  return spaces(cursor);
}

} // namespace ingot
