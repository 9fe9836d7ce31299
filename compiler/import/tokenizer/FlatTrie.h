//===- FlatTrie.h - A set of strings as flat tables -----------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_FLATTRIE_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_FLATTRIE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

/// The tables of ingot_trie (ingot/tables.h).
struct FlatTrie {
  std::vector<uint32_t> firstChild; ///< [nodes + 1], or empty
  std::vector<uint8_t> labels;
  std::vector<int32_t> values;
  size_t longest = 0; ///< bytes

  size_t nodes() const { return labels.size(); }

  /// The longest string of the set at the beginning of `text`: its length, 0 if
  /// there is none.
  size_t longestMatch(llvm::StringRef text) const;
};

/// Strings that are not empty, each once, with values that are not negative.
FlatTrie buildFlatTrie(std::vector<std::pair<std::string, int32_t>> strings);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_FLATTRIE_H
