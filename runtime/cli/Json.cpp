#include "Json.h"

#include <stdint.h>
#include <stdio.h>

namespace ingot::cli {

// Length of the UTF-8 sequence at `text`, 0 when it is none (overlong, surrogate, cut off).
static size_t sequenceLength(const unsigned char *text, size_t bytes) {
  const unsigned char lead = text[0];
  const size_t length = lead < 0x80   ? 1
                        : lead < 0xc2 ? 0
                        : lead < 0xe0 ? 2
                        : lead < 0xf0 ? 3
                        : lead < 0xf5 ? 4
                                      : 0;
  if (length > bytes)
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((text[i] & 0xc0) != 0x80)
      return 0;
  if ((lead == 0xe0 && text[1] < 0xa0) || (lead == 0xed && text[1] >= 0xa0) ||
      (lead == 0xf0 && text[1] < 0x90) || (lead == 0xf4 && text[1] >= 0x90))
    return 0;
  return length;
}

bool appendJsonString(const char *text, size_t bytes, Array<char> &out) {
  const unsigned char *at = reinterpret_cast<const unsigned char *>(text);
  bool good = out.push('"');
  for (size_t i = 0; good && i < bytes;) {
    char escaped[8];
    const size_t length = sequenceLength(at + i, bytes - i);
    if (length == 0) {
      int put = snprintf(escaped, sizeof escaped, "<0x%02X>", at[i]);
      good = out.append(escaped, static_cast<size_t>(put));
      ++i;
    } else if (at[i] == '"' || at[i] == '\\') {
      good = out.push('\\') && out.push(text[i++]);
    } else if (at[i] < 0x20 || at[i] == 0x7f) {
      int put = snprintf(escaped, sizeof escaped, "\\u%04x", at[i]);
      good = out.append(escaped, static_cast<size_t>(put));
      ++i;
    } else {
      good = out.append(text + i, length);
      i += length;
    }
  }
  return good && out.push('"');
}

} // namespace ingot::cli
