//===- SentencePieceModel.h - What a tokenizer.model says -----------------===//
//
// SentencePiece's ModelProto (sentencepiece_model.proto), as far as it decides
// ids and text. tokenizer.json and GGUF files that hold such a model are read
// into the same struct; what only they can say has a default here.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_SENTENCEPIECEMODEL_H
#define INGOT_COMPILER_IMPORT_SENTENCEPIECEMODEL_H

#include "compiler/import/MappedFile.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

/// With the numbers of the file.
enum class PieceType : uint8_t {
  Normal = 1,
  Unknown = 2,
  Control = 3,     ///< never found in plain text
  UserDefined = 4, ///< found before all else
  Unused = 5,      ///< BPE: merged, then taken apart again; unigram: not there
  Byte = 6,        ///< "<0x41>": a byte of a character that is unknown
};

struct SentencePiece {
  llvm::StringRef text; ///< spaces are U+2581
  double score = 0;
  uint32_t position = 0; ///< byte in the file, for diagnostics
  PieceType type = PieceType::Normal;
  bool added = false; ///< recognised in texts unless they are read as plain
};

enum class SpacePrefix : uint32_t { None, Always, UnlessSpace }; ///< INGOT_PREFIX_*

struct SentencePieceModel {
  std::string path;
  bool positions = false; ///< the pieces' positions mean something
  std::vector<SentencePiece> pieces;
  bool unigram = true; ///< else BPE
  bool byteFallback = false;
  bool fuseUnknown = true;
  std::string unknownText = " \xE2\x81\x87 "; ///< what the unknown token is decoded to
  std::string bosPiece = "<s>", eosPiece = "</s>";

  SpacePrefix prefix = SpacePrefix::Always;
  bool prefixFirst = false; ///< not behind added tokens
  bool spaceSuffix = false; ///< the added space goes behind the text
  bool removeSpaces = true;
  bool escapeSpaces = true;
  bool splitSpaces = false; ///< words are encoded apart
  bool stripSpace = true;   ///< decoding drops the space that was added
  bool doubleScores = false;
  llvm::StringRef charsmap; ///< precompiled: a double array and its replacements
  uint32_t charsmapPosition = 0;

  /// BPE: pairs by rank where the file lists them; else the pieces' scores say.
  std::optional<std::vector<std::pair<std::string, std::string>>> merges;

  /// The control piece of that text, or -1.
  int64_t controlPiece(llvm::StringRef text) const;

  std::shared_ptr<MappedFile> file; ///< what the views point into,
  std::deque<std::string> contents; ///< or their own texts
};

/// Reads a tokenizer.model after every check of the format. Model types other
/// than BPE and unigram, and a denormaliser, are unsupported.
llvm::Expected<SentencePieceModel> readSentencePieceModel(llvm::StringRef path);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_SENTENCEPIECEMODEL_H
