//===- Charsmap.h - SentencePiece's compiled normalisation rules ----------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H

#include "compiler/import/ImportError.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <utility>
#include <vector>

namespace ingot {

/// What is replaced by what.
using NormalizationRules = std::vector<std::pair<std::string, std::string>>;

/// Takes a `precompiled_charsmap` apart: the bytes of a double array, the array
/// (Darts-clone), and zero-terminated replacements. `where` is the place of its
/// first byte, or of the text that it was encoded in.
llvm::Expected<NormalizationRules> readCharsmap(llvm::StringRef charsmap,
                                                const SourceLocation &where);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_CHARSMAP_H
