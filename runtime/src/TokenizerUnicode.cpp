//===- TokenizerUnicode.cpp - UTF-8 and the classes of characters ---------===//

#include "Unicode.h"

namespace ingot {

#include "UnicodeClasses.inc" // kPageOf, kPages: written by generate_unicode.py

CharClass classOf(uint32_t codePoint) noexcept {
  if (codePoint >= 0x110000)
    return CharClass::Other;
  const uint8_t packed = kPages[kPageOf[codePoint >> 8]][(codePoint & 255) >> 2];
  return static_cast<CharClass>(packed >> (2 * (codePoint & 3)) & 3);
}

uint32_t sequenceBytes(uint8_t first) noexcept {
  if (first >= 0xC2 && first <= 0xDF)
    return 2;
  if (first >= 0xE0 && first <= 0xEF)
    return 3;
  if (first >= 0xF0 && first <= 0xF4)
    return 4;
  return 1;
}

Character decodeUtf8(const uint8_t *text, size_t bytes) noexcept {
  const Character invalid = {0xFFFD, 1};
  const uint8_t first = text[0];
  if (first < 0x80)
    return {first, 1};
  const uint32_t length = sequenceBytes(first);
  if (length == 1 || length > bytes)
    return invalid;
  uint32_t codePoint = first & (0x7F >> length);
  for (uint32_t i = 1; i < length; ++i) {
    if ((text[i] & 0xC0) != 0x80)
      return invalid;
    codePoint = codePoint << 6 | (text[i] & 0x3F);
  }
  static constexpr uint32_t kSmallest[5] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = codePoint >= 0xD800 && codePoint <= 0xDFFF;
  if (codePoint < kSmallest[length] || codePoint > 0x10FFFF || surrogate)
    return invalid;
  return {codePoint, length};
}

uint32_t encodeUtf8(uint32_t codePoint, uint8_t *bytes) noexcept {
  if (codePoint < 0x80) {
    bytes[0] = static_cast<uint8_t>(codePoint);
    return 1;
  }
  const uint32_t length = codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  for (uint32_t i = length - 1; i > 0; --i, codePoint >>= 6)
    bytes[i] = static_cast<uint8_t>(0x80 | (codePoint & 0x3F));
  bytes[0] = static_cast<uint8_t>(0xF00 >> length | codePoint);
  return length;
}

} // namespace ingot
