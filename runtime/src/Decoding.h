//===- Decoding.h - From SentencePiece's ids to text ----------------------===//
//
// As the library decodes: the space that encoding added is dropped at the
// beginning of the text, and a byte token that is part of no character becomes
// U+FFFD. Unlike there, special tokens have their text.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_RUNTIME_SRC_DECODING_H
#define INGOT_RUNTIME_SRC_DECODING_H

#include "Memory.h"
#include "Unicode.h"

#include "ingot/ingot.h"
#include "ingot/tables.h"

namespace ingot {

/// Counts what is appended, and writes it as long as there is room.
struct CountedText {
  char *text;
  size_t room;
  size_t needed = 0;
  bool overflowed = false;

  void append(const void *bytes, size_t size) noexcept {
    const size_t at = needed;
    overflowed |= __builtin_add_overflow(needed, size, &needed);
    if (!overflowed && needed <= room)
      copyBytes(text + at, bytes, size);
  }

  ingot_status status(size_t &bytes) const noexcept {
    bytes = needed;
    return overflowed ? INGOT_INVALID_ARGUMENT : needed <= room ? INGOT_OK : INGOT_BUFFER_TOO_SMALL;
  }
};

struct Decoding {
  Decoding(const ingot_tokenizer &tables, CountedText out) noexcept : tables(tables), out(out) {}

  void put(int32_t id, bool skipSpecial) noexcept {
    const ingot_sentencepiece &pieces = *tables.sentencepiece;
    const uint8_t flags = tables.token_flags[id];
    const uint8_t *text = tables.token_bytes + tables.token_offsets[id];
    size_t size = tables.token_offsets[id + 1] - tables.token_offsets[id];
    if (flags & INGOT_TOKEN_BYTE) {
      pending[pendingCount++] = text[0];
      putCharacters(/*final=*/false);
      atBeginning = false;
      return;
    }
    putCharacters(/*final=*/true);
    if (id == pieces.unknown) {
      text = reinterpret_cast<const uint8_t *>(pieces.unknown_text);
      size = pieces.unknown_bytes;
    }
    if (flags & INGOT_TOKEN_SPECIAL) {
      if (!skipSpecial)
        out.append(text, size);
      atBeginning = atBeginning && (id != pieces.unknown || skipSpecial || size == 0);
      return;
    }
    if (atBeginning && (flags & INGOT_TOKEN_SPACE) && (pieces.flags & INGOT_PIECES_STRIP_SPACE)) {
      ++text;
      --size;
      // Where encoding leaves spaces out, none of them can begin a text.
      atBeginning = (pieces.flags & INGOT_PIECES_REMOVE_SPACES) != 0;
    }
    out.append(text, size);
    atBeginning = atBeginning && size == 0;
  }

  void finish() noexcept { putCharacters(/*final=*/true); }

  const ingot_tokenizer &tables;
  CountedText out;
  bool atBeginning = true; ///< only special tokens have come
  uint32_t pendingCount = 0;
  uint8_t pending[4];

private:
  /// Could the bytes grow into a character?
  static bool isBeginning(const uint8_t *text, uint32_t count) noexcept {
    for (uint32_t i = 1; i < count; ++i)
      if ((text[i] & 0xC0) != 0x80)
        return false;
    return sequenceBytes(text[0]) > count;
  }

  /// Gives out what is complete, or everything.
  void putCharacters(bool final) noexcept {
    uint32_t at = 0;
    while (at < pendingCount && (final || !isBeginning(pending + at, pendingCount - at))) {
      const Character character = decodeUtf8(pending + at, pendingCount - at);
      const bool invalid = character.codePoint == 0xFFFD && character.bytes == 1;
      if (invalid)
        out.append("\xEF\xBF\xBD", 3);
      else
        out.append(pending + at, character.bytes);
      at += character.bytes;
    }
    for (uint32_t i = at; i < pendingCount; ++i)
      pending[i - at] = pending[i];
    pendingCount -= at;
  }
};

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_DECODING_H
