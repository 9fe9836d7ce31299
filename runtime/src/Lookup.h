// Drafting by prompt lookup: what followed the last time the text stood where it stands now.
#ifndef INGOT_RUNTIME_LOOKUP_H
#define INGOT_RUNTIME_LOOKUP_H

#include <stdint.h>

namespace ingot {

// Writes up to `limit` draft tokens behind tokens[0 .. count) and answers how many. The array has
// room for them.
inline uint32_t draftByLookup(int32_t *tokens, uint32_t count, uint32_t limit) noexcept {
  // Longer matches first: they are right more often. A single token predicts too badly to pay for
  // the rows of a step.
  for (uint32_t length = 4; length >= 2; --length) {
    if (count <= length || limit == 0)
      continue;
    const int32_t *suffix = tokens + count - length;
    for (uint32_t begin = count - length; begin-- > 0;) { // the latest match wins
      uint32_t equal = 0;
      while (equal < length && tokens[begin + equal] == suffix[equal])
        ++equal;
      if (equal < length)
        continue;
      // A match that reaches into the suffix runs on into the draft itself: a loop is drafted as
      // one.
      for (uint32_t i = 0; i < limit; ++i)
        tokens[count + i] = tokens[begin + length + i];
      return limit;
    }
  }
  return 0;
}

} // namespace ingot
#endif
