//===- GgufVocabulary.cpp - The tokenizer of a GGUF file ------------------===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

#include <cmath>

using namespace ingot;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// The keys that both kinds have.
struct Vocabulary {
  std::vector<StringRef> tokens;
  std::vector<int64_t> types; ///< 1 normal, 2 unknown, 3 control, 4 user defined, 5 unused, 6 byte
};

} // namespace

static std::optional<StringRef> textOf(const GgufFile &gguf, StringRef key) {
  const GgufValue *value = gguf.find(key);
  return value ? value->asString() : std::nullopt;
}

/// The boolean under `key`, which need not be there.
static llvm::Error readFlag(const GgufFile &gguf, StringRef key, bool &flag) {
  const GgufValue *value = gguf.find(key);
  if (!value)
    return llvm::Error::success();
  std::optional<bool> truth = value->asBool();
  if (!truth)
    return malformed({gguf.path().str(), 0, 0, value->position},
                     quoted(key) + " is of type " + ggufTypeName(value->type) + ", expected bool");
  flag = *truth;
  return llvm::Error::success();
}

static llvm::Expected<Vocabulary> readVocabulary(const GgufFile &gguf) {
  const SourceLocation where{gguf.path().str()};
  const GgufValue *tokens = gguf.find("tokenizer.ggml.tokens");
  const GgufValue *types = gguf.find("tokenizer.ggml.token_type");
  auto strings = tokens ? tokens->asStrings() : std::nullopt;
  auto kinds = types ? types->asIntegers() : std::nullopt;
  if (!strings || !kinds)
    return malformed(where, "'tokenizer.ggml.tokens' or 'tokenizer.ggml.token_type' is missing or "
                            "of another type");
  if (kinds->size() != strings->size())
    return malformed(where, "'tokenizer.ggml.token_type' has " + Twine(kinds->size()) +
                                " entries, expected " + Twine(strings->size()));
  return Vocabulary{std::move(*strings), std::move(*kinds)};
}

static llvm::Expected<TokenizerSpec> readByteLevel(const GgufFile &gguf) {
  const SourceLocation where{gguf.path().str()};
  BpeText bpe;
  bpe.file = where.file;
  const StringRef pre = textOf(gguf, "tokenizer.ggml.pre").value_or("");
  if (pre == "smollm")
    bpe.pretokenizer = Pretokenizer::DigitsGpt2;
  else if (pre == "gpt-2")
    bpe.pretokenizer = Pretokenizer::Gpt2;
  else
    return unsupported(where, "'tokenizer.ggml.pre' is " + quoted(pre) +
                                  ", only 'smollm' and 'gpt-2' are supported");
  llvm::Expected<Vocabulary> vocabulary = readVocabulary(gguf);
  if (!vocabulary)
    return vocabulary.takeError();
  const GgufValue *merges = gguf.find("tokenizer.ggml.merges");
  auto pairs = merges ? merges->asStrings() : std::nullopt;
  if (!pairs)
    return malformed(where, "'tokenizer.ggml.merges' is missing or of another type");
  bpe.tokens = std::move(vocabulary->tokens);
  for (int64_t kind : vocabulary->types) {
    bpe.special.push_back(kind == 3 || kind == 2);
    bpe.added.push_back(kind != 1);
  }
  for (StringRef pair : *pairs) {
    // The space between the halves: a half may not hold one, byte-level text has none.
    auto [left, right] = pair.split(' ');
    bpe.merges.emplace_back(left.str(), right.str());
  }
  return resolveBpe(bpe);
}

/// The pieces of a tokenizer.model. Its normaliser is not kept, but for spaces:
/// models of this kind have none.
static llvm::Expected<TokenizerSpec> readPieces(const GgufFile &gguf) {
  llvm::Expected<Vocabulary> vocabulary = readVocabulary(gguf);
  if (!vocabulary)
    return vocabulary.takeError();
  const SourceLocation where{gguf.path().str()};
  const GgufValue *value = gguf.find("tokenizer.ggml.scores");
  auto scores = value ? value->asFloats() : std::nullopt;
  if (!scores || scores->size() != vocabulary->tokens.size())
    return malformed(where, "'tokenizer.ggml.scores' is missing or not " +
                                Twine(vocabulary->tokens.size()) + " numbers of type f32");
  SentencePieceModel model;
  model.path = where.file;
  model.unigram = false;
  model.removeSpaces = false;
  for (size_t id = 0; id < scores->size(); ++id) {
    if (vocabulary->types[id] < 1 || vocabulary->types[id] > 6)
      return malformed(where, "token " + Twine(id) + " has type " + Twine(vocabulary->types[id]) +
                                  ", expected 1 to 6");
    SentencePiece piece;
    piece.text = vocabulary->tokens[id];
    piece.score = (*scores)[id];
    piece.type = static_cast<PieceType>(vocabulary->types[id]);
    piece.added = piece.type == PieceType::Control || piece.type == PieceType::Unknown;
    model.byteFallback |= piece.type == PieceType::Byte;
    if (!std::isfinite(piece.score))
      return malformed(where, "the score of token " + Twine(id) + " is not a finite number");
    model.pieces.push_back(piece);
  }
  bool prefix = true;
  if (llvm::Error failed = readFlag(gguf, "tokenizer.ggml.add_space_prefix", prefix))
    return std::move(failed);
  if (llvm::Error failed =
          readFlag(gguf, "tokenizer.ggml.remove_extra_whitespaces", model.removeSpaces))
    return std::move(failed);
  model.prefix = prefix ? SpacePrefix::Always : SpacePrefix::None;
  model.stripSpace = prefix || model.removeSpaces;
  return resolveSentencePiece(model);
}

llvm::Expected<TokenizerSpec> ingot::readGgufTokenizer(const GgufFile &gguf) {
  const SourceLocation where{gguf.path().str()};
  const std::optional<StringRef> model = textOf(gguf, "tokenizer.ggml.model");
  if (!model)
    return malformed(where, "'tokenizer.ggml.model' is missing or no string");
  if (*model == "gpt2")
    return readByteLevel(gguf);
  if (*model == "llama")
    return readPieces(gguf);
  return unsupported(where, "'tokenizer.ggml.model' is " + quoted(*model) +
                                ", only 'gpt2' (byte-level BPE) and 'llama' (SentencePiece BPE) "
                                "are supported");
}
