//===- Merges.h - The merges of byte-pair encoding ------------------------===//
#ifndef INGOT_RUNTIME_SRC_MERGES_H
#define INGOT_RUNTIME_SRC_MERGES_H

#include "ingot/tables.h"

#include <stddef.h>

namespace ingot {

/// The merge of two neighbours, or null.
inline const ingot_merge *findMerge(const ingot_tokenizer &tables, int32_t left,
                                    int32_t right) noexcept {
  uint32_t low = tables.merge_begin[left], high = tables.merge_begin[left + 1];
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (tables.merges[middle].right < right)
      low = middle + 1;
    else
      high = middle;
  }
  const bool found = low < tables.merge_begin[left + 1] && tables.merges[low].right == right;
  return found ? &tables.merges[low] : nullptr;
}

inline uint32_t rankOf(const ingot_tokenizer &tables, int32_t left, int32_t right) noexcept {
  const ingot_merge *merge = findMerge(tables, left, right);
  return merge ? merge->rank : UINT32_MAX;
}

/// Room that mergeSymbols needs beside `count` symbols, in words.
constexpr size_t mergeIndexWords(size_t count) noexcept { return count / 15 + 10; }

/// Merges neighbours in place, the pair of the lowest rank first, of equals the
/// leftmost, until none has a merge. Symbols are not negative. Returns the count
/// that is left. Takes O(n log n) steps, however long the text is.
size_t mergeSymbols(const ingot_tokenizer &tables, int32_t *symbols, size_t count,
                    uint32_t *index) noexcept;

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_MERGES_H
