//===- Merges.cpp - Byte-pair encoding of a long run of symbols -----------===//
//
// A priority queue of pairs, without memory for one: the best rank of sixteen
// neighbouring places is written down, the best of sixteen of those, and so on;
// a fifteenth of the symbols' own room in all. A merge changes three pairs, so
// at most three groups are looked through again, and their parents.
//
// The places of merged symbols stay as holes. A symbol that covers k > 1 places
// has -k in its second and in its last, so both neighbours are found at once.
//
//===----------------------------------------------------------------------===//

#include "Merges.h"

namespace ingot {

namespace {

/// Sixteen: below it the levels above cost more, beyond it the rescans.
constexpr size_t kGroup = 16;
constexpr size_t kMaxLevels = 16; // 16^16 places
constexpr uint32_t kNone = UINT32_MAX;

class Merger {
public:
  Merger(const ingot_tokenizer &tables, int32_t *symbols, size_t count, uint32_t *index) noexcept
      : tables(tables), symbols(symbols), count(count) {
    for (size_t size = count; size > 1 || levels == 0; ++levels) {
      size = (size + kGroup - 1) / kGroup;
      best[levels] = index;
      sizes[levels] = size;
      index += size;
    }
    for (size_t level = 0; level < levels; ++level)
      for (size_t group = 0; group < sizes[level]; ++group)
        best[level][group] = compute(level, group);
  }

  size_t run() noexcept {
    while (best[levels - 1][0] != kNone)
      mergeAt(findBest());
    size_t out = 0;
    for (size_t at = 0; at < count;) {
      const size_t next = at + spanAt(at);
      symbols[out++] = symbols[at];
      at = next;
    }
    return out;
  }

private:
  size_t spanAt(size_t at) const noexcept {
    return at + 1 < count && symbols[at + 1] < 0 ? static_cast<size_t>(-symbols[at + 1]) : 1;
  }

  uint32_t rankAt(size_t at) const noexcept {
    const size_t next = at + spanAt(at);
    return next < count ? rankOf(tables, symbols[at], symbols[next]) : kNone;
  }

  uint32_t compute(size_t level, size_t group) const noexcept {
    const size_t below = level == 0 ? count : sizes[level - 1];
    const size_t end = group * kGroup + kGroup < below ? group * kGroup + kGroup : below;
    uint32_t lowest = kNone;
    for (size_t i = group * kGroup; i < end; ++i) {
      const uint32_t rank = level > 0 ? best[level - 1][i] : symbols[i] < 0 ? kNone : rankAt(i);
      lowest = rank < lowest ? rank : lowest;
    }
    return lowest;
  }

  /// The leftmost place of the best rank, which exists.
  size_t findBest() const noexcept {
    const uint32_t wanted = best[levels - 1][0];
    size_t group = 0;
    for (size_t level = levels - 1; level-- > 0;)
      for (group *= kGroup; best[level][group] != wanted;)
        ++group;
    size_t at = group * kGroup;
    while (symbols[at] < 0 || rankAt(at) != wanted)
      ++at;
    return at;
  }

  void update(size_t place) noexcept {
    for (size_t level = 0; level < levels; ++level) {
      place /= kGroup;
      const uint32_t now = compute(level, place);
      if (now == best[level][place])
        return;
      best[level][place] = now;
    }
  }

  void mergeAt(size_t at) noexcept {
    const size_t right = at + spanAt(at);
    const size_t end = right + spanAt(right);
    symbols[at] = findMerge(tables, symbols[at], symbols[right])->result;
    symbols[right] = -1;
    symbols[at + 1] = symbols[end - 1] = -static_cast<int32_t>(end - at);
    update(at);
    if (right / kGroup != at / kGroup)
      update(right);
    if (at == 0)
      return;
    const size_t left = symbols[at - 1] >= 0 ? at - 1 : at - static_cast<size_t>(-symbols[at - 1]);
    if (left / kGroup != at / kGroup)
      update(left);
  }

  const ingot_tokenizer &tables;
  int32_t *symbols;
  size_t count;
  size_t levels = 0;
  uint32_t *best[kMaxLevels];
  size_t sizes[kMaxLevels];
};

} // namespace

size_t mergeSymbols(const ingot_tokenizer &tables, int32_t *symbols, size_t count,
                    uint32_t *index) noexcept {
  return count < 2 ? count : Merger(tables, symbols, count, index).run();
}

} // namespace ingot
