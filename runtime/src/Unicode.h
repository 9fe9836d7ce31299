//===- Unicode.h - UTF-8 and the classes of characters --------------------===//
#ifndef INGOT_RUNTIME_SRC_UNICODE_H
#define INGOT_RUNTIME_SRC_UNICODE_H

#include <stddef.h>
#include <stdint.h>

namespace ingot {

enum class CharClass : uint8_t { Other = 0, Letter = 1, Number = 2, Space = 3 };

CharClass classOf(uint32_t codePoint) noexcept;

struct Character {
  uint32_t codePoint; ///< U+FFFD for a byte that begins no valid sequence
  uint32_t bytes;     ///< 1 .. 4; 1 for an invalid byte
};

/// The character at `text`, which has at least one of `bytes` bytes. Overlong
/// forms and surrogates are invalid.
Character decodeUtf8(const uint8_t *text, size_t bytes) noexcept;

/// How many bytes the sequence that begins with `first` should have; 1 when it
/// can begin none.
uint32_t sequenceBytes(uint8_t first) noexcept;

/// Writes a valid code point and returns its bytes, 1 .. 4.
uint32_t encodeUtf8(uint32_t codePoint, uint8_t *bytes) noexcept;

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_UNICODE_H
