//===- Charsmap.h - SentencePiece's compiled normalisation rules ----------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H

#include "compiler/import/ImportError.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

/// What is replaced by what, as a double array that was walked through once: all
/// that can be reached stays inside, ends, and has a replacement that is UTF-8.
/// It is kept as it is because it shares the ends of rules: NFKC has 225,000 of
/// them in 45,000 units.
struct NormalizationRules {
  std::vector<uint32_t> units; ///< ingot_sentencepiece.rule_units
  std::string text;            ///< zero-terminated replacements
  size_t longest = 0;          ///< bytes of the longest text that a rule replaces
  size_t growth = 1;           ///< bytes that one byte becomes at most, spaces counted as three
};

/// Takes a `precompiled_charsmap` apart: the bytes of a double array, the array
/// (Darts-clone), and the replacements. `where` is the place of its first byte,
/// or of the text that it was encoded in.
llvm::Expected<NormalizationRules> readCharsmap(llvm::StringRef charsmap,
                                                const SourceLocation &where);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H
