//===- Trie.h - Walking the tries of a tokenizer --------------------------===//
#ifndef INGOT_RUNTIME_SRC_TRIE_H
#define INGOT_RUNTIME_SRC_TRIE_H

#include "ingot/tables.h"

#include <stddef.h>

namespace ingot {

/// The node that `bytes` of `text` lead to from `node`; 0 when there is none.
inline uint32_t walkTrie(const ingot_trie &trie, uint32_t node, const uint8_t *text,
                         size_t bytes) noexcept {
  if (trie.nodes == 0)
    return 0;
  for (size_t i = 0; i < bytes; ++i) {
    uint32_t low = trie.first_child[node];
    const uint32_t end = trie.first_child[node + 1];
    for (uint32_t high = end; low < high;) {
      const uint32_t middle = low + (high - low) / 2;
      if (trie.labels[middle] < text[i])
        low = middle + 1;
      else
        high = middle;
    }
    if (low == end || trie.labels[low] != text[i])
      return 0;
    node = low;
  }
  return node;
}

struct TrieMatch {
  size_t bytes = 0; ///< 0: nothing matches
  int32_t value = -1;
};

/// The longest string of the set at the beginning of the text.
inline TrieMatch longestMatch(const ingot_trie &trie, const uint8_t *text, size_t bytes) noexcept {
  TrieMatch match;
  uint32_t node = 0;
  for (size_t i = 0; i < bytes; ++i) {
    node = walkTrie(trie, node, text + i, 1);
    if (node == 0)
      break;
    if (trie.values[node] >= 0)
      match = {i + 1, trie.values[node]};
  }
  return match;
}

} // namespace ingot

#endif // INGOT_RUNTIME_SRC_TRIE_H
