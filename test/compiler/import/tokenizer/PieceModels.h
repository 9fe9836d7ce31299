//===- PieceModels.h - SentencePiece models made and run by tests ---------===//
#ifndef INGOT_TEST_COMPILER_IMPORT_TOKENIZER_PIECEMODELS_H
#define INGOT_TEST_COMPILER_IMPORT_TOKENIZER_PIECEMODELS_H

#include "compiler/import/tokenizer/TokenizerSpec.h"

#include "ingot/abi.h"
#include "ingot/ingot.h"
#include "ingot/tables.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace ingot::test {

/// Fields of a protocol buffer, right or wrong.
std::string protoVarint(uint32_t field, uint64_t value);
std::string protoBytes(uint32_t field, llvm::StringRef bytes);
std::string protoFloat(uint32_t field, float value);

/// A piece of a tokenizer.model.
std::string protoPiece(llvm::StringRef text, float score = 0, PieceType type = PieceType::Normal);

/// What a tokenizer.model is written from.
struct PieceModel {
  std::string pieces;
  bool unigram = false, byteFallback = false, suffix = false;
  bool dummyPrefix = true, removeSpaces = true, escapeSpaces = true;
  std::optional<std::string> charsmap;

  void add(llvm::StringRef text, float score = 0, PieceType type = PieceType::Normal) {
    pieces += protoPiece(text, score, type);
  }
  void addBytes(); ///< all 256
  std::string trainer() const;
  std::string normalizer() const;
  std::string finish() const;
};

/// The tables that EmitTokenizer prints, made in memory, and the runtime on them.
class TableTokenizer {
public:
  explicit TableTokenizer(TokenizerSpec spec);
  TableTokenizer(const TableTokenizer &) = delete;

  /// In a buffer that has `room`, and again in what was asked for.
  std::vector<int32_t> encode(llvm::StringRef text, uint32_t flags = INGOT_TOKENIZE_NO_SPECIAL,
                              std::optional<size_t> room = std::nullopt) const;
  std::string decode(const std::vector<int32_t> &ids) const;
  /// The same, token by token.
  std::string stream(const std::vector<int32_t> &ids, uint32_t flags = 0) const;

  const ingot_model *get() const { return &model; }

private:
  TokenizerSpec spec;
  std::string bytes;
  std::vector<uint32_t> offsets, mergeBegin;
  std::vector<uint8_t> flags;
  std::vector<ingot_merge> merges;
  std::array<int32_t, 256> byteTokens;
  std::vector<int32_t> added;
  std::array<uint32_t, 257> addedBegin{};
  std::vector<ingot_expansion> expansions;
  std::vector<int32_t> expansionSymbols;
  ingot_sentencepiece pieces{};
  ingot_tokenizer tables{};
  ingot_model model{};
};

} // namespace ingot::test

#endif // INGOT_TEST_COMPILER_IMPORT_TOKENIZER_PIECEMODELS_H
