#include "compiler/import/tokenizer/FlatTrie.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

using namespace ingot;

FlatTrie ingot::buildFlatTrie(std::vector<std::pair<std::string, int32_t>> strings) {
  FlatTrie trie;
  if (strings.empty())
    return trie;
  llvm::sort(strings, [](const auto &a, const auto &b) {
    return llvm::StringRef(a.first) < llvm::StringRef(b.first); // by unsigned bytes
  });
  // A node is a range of strings that agree up to its depth. Level by level, so that the children
  // of a node get numbers in a row.
  struct Node {
    size_t begin, end, depth;
  };
  std::vector<Node> nodes = {{0, strings.size(), 0}};
  trie.labels.push_back(0);
  for (size_t number = 0; number < nodes.size(); ++number) {
    const Node node = nodes[number];
    trie.firstChild.push_back(static_cast<uint32_t>(nodes.size()));
    trie.values.push_back(-1);
    size_t at = node.begin;
    if (strings[at].first.size() == node.depth) {
      trie.values.back() = strings[at++].second;
      trie.longest = std::max(trie.longest, node.depth);
    }
    while (at < node.end) {
      const char label = strings[at].first[node.depth];
      size_t end = at + 1;
      while (end < node.end && strings[end].first[node.depth] == label)
        ++end;
      nodes.push_back({at, end, node.depth + 1});
      trie.labels.push_back(static_cast<uint8_t>(label));
      at = end;
    }
  }
  trie.firstChild.push_back(static_cast<uint32_t>(nodes.size()));
  return trie;
}

size_t FlatTrie::longestMatch(llvm::StringRef text) const {
  size_t found = 0, node = 0;
  for (size_t i = 0; i < text.size() && nodes() > 0; ++i) {
    const auto begin = labels.begin() + firstChild[node],
               end = labels.begin() + firstChild[node + 1];
    const auto it = std::lower_bound(begin, end, static_cast<uint8_t>(text[i]));
    if (it == end || *it != static_cast<uint8_t>(text[i]))
      break;
    node = static_cast<size_t>(it - labels.begin());
    if (values[node] >= 0)
      found = i + 1;
  }
  return found;
}
