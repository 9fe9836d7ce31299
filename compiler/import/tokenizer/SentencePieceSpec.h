//===- SentencePieceSpec.h - SentencePiece beside its tokens --------------===//
//
// What EmitTokenizer turns into an ingot_sentencepiece (ingot/tables.h), in the
// same order.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECESPEC_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECESPEC_H

#include "compiler/import/SentencePieceModel.h"
#include "compiler/import/tokenizer/Charsmap.h"
#include "compiler/import/tokenizer/FlatTrie.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

struct SentencePieceSpec {
  struct Expansion {
    int32_t id;
    std::vector<int32_t> symbols;
  };

  uint32_t flags = 0; ///< INGOT_PIECES_*
  SpacePrefix prefix = SpacePrefix::None;
  int32_t unknown = -1;
  std::string unknownText;
  uint32_t lookahead = 4;
  uint32_t idsPerByte = 3;
  uint32_t longestSymbol = 1; ///< characters
  FlatTrie symbols, user;
  NormalizationRules rules;
  std::vector<uint32_t> extraCharacters;
  std::vector<double> scores; ///< unigram
  double unknownScore = 0;
  std::vector<uint8_t> joins; ///< a power of two of bytes
  std::vector<Expansion> expansions;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_SENTENCEPIECESPEC_H
