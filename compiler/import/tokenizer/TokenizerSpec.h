//===- TokenizerSpec.h - A tokenizer, read and checked --------------------===//
//
// Byte-level BPE as GGUF metadata or a tokenizer.json describe it, or
// SentencePiece, after every check: what EmitTokenizer turns into the tables of
// ingot/tables.h.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_TOKENIZERSPEC_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_TOKENIZERSPEC_H

#include "compiler/import/Gguf.h"
#include "compiler/import/tokenizer/SentencePieceSpec.h"

#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

/// How text is cut into pieces; the numbers of INGOT_PRETOKENIZER_*.
enum class Pretokenizer : uint32_t { Gpt2 = 1, DigitsGpt2 = 2 };

struct TokenizerSpec {
  struct Token {
    std::string bytes; ///< of text that it stands for
    bool special = false, added = false;
    bool isByte = false, space = false; ///< SentencePiece: INGOT_TOKEN_BYTE, INGOT_TOKEN_SPACE
  };
  struct Merge {
    int32_t left, right, result;
    uint32_t rank;
  };
  Pretokenizer pretokenizer = Pretokenizer::Gpt2;
  std::vector<Token> tokens;
  std::vector<Merge> merges;
  std::optional<SentencePieceSpec> sentencePiece; ///< then `pretokenizer` means nothing
};

/// Text of a vocabulary entry in GPT-2's printable alphabet (encoder.py,
/// bytes_to_unicode) as bytes; false when a character is none of it.
bool decodeByteLevel(llvm::StringRef text, std::string &bytes);

/// A vocabulary and merges as text, however they were stored.
struct BpeText {
  std::string file; ///< for diagnostics
  std::vector<llvm::StringRef> tokens;
  std::vector<bool> special, added; ///< of each token
  std::vector<std::pair<std::string, std::string>> merges;
  Pretokenizer pretokenizer = Pretokenizer::Gpt2;
};

/// Checks and resolves: every merge joins two tokens into a third. A byte
/// without a token of its own is left out of ids, as other tokenizers do.
llvm::Expected<TokenizerSpec> resolveBpe(const BpeText &text);

/// The same for SentencePiece. Pieces that its library would not load, and what
/// the encoder has no room for, are errors.
llvm::Expected<TokenizerSpec> resolveSentencePiece(const SentencePieceModel &model);

/// The tokenizer in a GGUF's metadata: byte-level BPE or SentencePiece BPE.
/// Other models, and pre-tokenisers without an exact counterpart here, are
/// unsupported.
llvm::Expected<TokenizerSpec> readGgufTokenizer(const GgufFile &gguf);

/// The tokenizer of a Hugging Face tokenizer.json.
llvm::Expected<TokenizerSpec> readJsonTokenizer(llvm::StringRef path);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_TOKENIZERSPEC_H
