//===- JsonComponents.h - Parts of a tokenizer.json -----------------------===//
//
// Private to JsonTokenizer.cpp (byte-level BPE), JsonSentencePiece.cpp and
// JsonNormalizer.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H

#include "compiler/import/JsonTokenizerKind.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

namespace ingot {

constexpr uint64_t kMaxTokens = 1u << 20;

inline bool flag(JsonValue object, llvm::StringRef key, bool otherwise) {
  std::optional<JsonValue> value = object.find(key);
  return value ? value->asBool().value_or(otherwise) : otherwise;
}

inline std::string textIn(JsonValue object, llvm::StringRef key) {
  std::optional<JsonValue> value = object.find(key);
  return value ? value->asString().value_or("") : "";
}

/// The 'merges' of a BPE model, as pairs or joined by a space.
llvm::Error readJsonMerges(JsonValue model,
                           std::vector<std::pair<std::string, std::string>> &merges);

/// An added token: 'id' and 'content', without options that are not supported.
llvm::Error readJsonAdded(
    JsonValue root,
    llvm::function_ref<llvm::Error(uint64_t id, std::string text, bool special, JsonValue token)>
        add);

llvm::Expected<SentencePieceModel> readJsonSentencePiece(llvm::StringRef path, JsonValue root);

/// The normaliser, pre-tokeniser and decoder of such a model.
llvm::Error readJsonNormalizer(JsonValue root, SentencePieceModel &model);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H
