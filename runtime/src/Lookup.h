// Drafting by prompt lookup: what followed the last time the text stood where it stands now.
//
// A step of few rows costs little more than one of a single row, a step of many rows costs more
// with each, and a wrong draft has no worth. So a draft begins short, grows while it is right, and
// where it is not, the next few steps go without: their number doubles with every draft of which
// nothing was right. Text with nothing to look up therefore pays for a few drafts only.
#ifndef INGOT_RUNTIME_LOOKUP_H
#define INGOT_RUNTIME_LOOKUP_H

#include <stdint.h>

namespace ingot {

struct LookupMatch {
  uint32_t length = 0; // tokens at the end of the text that stand elsewhere in it, too
  uint32_t next = 0;   // what followed them there
};

// A single token predicts too badly to pay for the rows of a step. Beyond the longest, the latest
// match is as good as a longer one.
constexpr uint32_t shortestMatch = 2, longestMatch = 8;

// The longest match of tokens[0 .. count), the latest of equals. It may overlap the end itself.
inline LookupMatch findMatch(const int32_t *tokens, uint32_t count) noexcept {
  LookupMatch best;
  for (uint32_t end = count; end-- > 1 && best.length < longestMatch;) { // where the match ends
    uint32_t equal = 0;
    while (equal < longestMatch && equal < end &&
           tokens[end - 1 - equal] == tokens[count - 1 - equal])
      ++equal;
    if (equal > best.length)
      best = {equal, end};
  }
  return best;
}

class Drafter {
public:
  // Writes up to `limit` draft tokens behind tokens[0 .. count) and answers how many. The array has
  // room for them.
  uint32_t draft(int32_t *tokens, uint32_t count, uint32_t limit) noexcept {
    if (waiting > 0) {
      --waiting;
      return 0;
    }
    if (limit == 0)
      return 0;
    const LookupMatch match = findMatch(tokens, count);
    if (match.length < shortestMatch)
      return 0;
    // A match that overlaps the end runs on into the draft itself: a loop is drafted as one.
    const uint32_t drafted = length < limit ? length : limit;
    for (uint32_t i = 0; i < drafted; ++i)
      tokens[count + i] = tokens[match.next + i];
    return drafted;
  }

  // Learns from the last draft, of which `accepted` of `drafted` tokens were right.
  void judge(uint32_t drafted, uint32_t accepted) noexcept {
    if (drafted == 0)
      return;
    if (accepted == drafted) {
      length = length < longest ? 2 * length + 1 : length;
      pause = 0;
      return;
    }
    // The next draft fills the same step again as what was right of this one.
    const uint32_t enough = accepted / (shortest + 1) * (shortest + 1) + shortest;
    length = enough < length ? enough : length;
    pause = accepted > 0 ? pause / 2 : pause == 0 ? 1 : pause < longestPause ? 2 * pause : pause;
    waiting = accepted > 0 ? 0 : pause;
  }

private:
  // 3 drafted tokens and the one before them are the 4 rows of the compiler's entry for drafts;
  // 7, 15, 31 and 63 fill whole tiles of the large one.
  static constexpr uint32_t shortest = 3, longest = 63, longestPause = 32;

  uint32_t length = shortest; // of the next draft
  uint32_t pause = 0;         // steps without a draft after the last useless one
  uint32_t waiting = 0;       // steps of them that are left
};

} // namespace ingot
#endif
