//===- SentencePieceMerges.h - BPE by scores as BPE by pairs --------------===//
//
// SentencePiece merges any two neighbours whose texts together are a piece, the
// best score first, of equals the leftmost. Read from texts, that would need
// strings at run time; but what happens inside a stretch of text that ends up as
// one symbol depends on that stretch alone: a merge over its ends would have
// taken it apart, and all others come in the same order as without its
// neighbours. So a piece is always made by the same last pair, which is found
// here by encoding the piece itself; one that encoding does not give back is
// never made. Every piece has one pair at most, with the rank of its score.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECEMERGES_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECEMERGES_H

#include "compiler/import/tokenizer/TokenizerSpec.h"

#include "llvm/ADT/StringMap.h"

namespace ingot {

/// Fills `merges` and, of `sentencePiece`, the symbols, joins and expansions of
/// a BPE model. Its user-defined pieces are there already, and every piece has
/// been checked by itself.
llvm::Error resolveMerges(const SentencePieceModel &model, TokenizerSpec &spec);

/// The bytes of the character at the beginning of a text that is UTF-8.
inline size_t characterBytes(llvm::StringRef text) {
  const auto first = static_cast<uint8_t>(text.front());
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECEMERGES_H
