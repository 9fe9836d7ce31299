//===- JsonComponents.h - Parts of a tokenizer.json -----------------------===//
//
// Private to JsonTokenizer.cpp (byte-level BPE), JsonSentencePiece.cpp and
// JsonNormalizer.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H

#include "compiler/import/Json.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

namespace ingot {

constexpr uint64_t kMaxTokens = 1u << 20;

/// The type of a component, "" where there is none.
inline std::string typeOf(std::optional<JsonValue> component) {
  if (!component || component->isNull())
    return {};
  std::optional<JsonValue> type = component->find("type");
  return type ? type->asString().value_or("") : "";
}

inline bool flag(JsonValue object, llvm::StringRef key, bool otherwise) {
  std::optional<JsonValue> value = object.find(key);
  return value ? value->asBool().value_or(otherwise) : otherwise;
}

inline std::string textIn(JsonValue object, llvm::StringRef key) {
  std::optional<JsonValue> value = object.find(key);
  return value ? value->asString().value_or("") : "";
}

/// The steps of a Sequence under `list`, the component itself if it is none,
/// nothing for null.
llvm::Expected<std::vector<JsonValue>> stepsOf(std::optional<JsonValue> component,
                                               llvm::StringRef list);

/// The 'merges' of a BPE model, as pairs or joined by a space.
llvm::Error readJsonMerges(JsonValue model,
                           std::vector<std::pair<std::string, std::string>> &merges);

/// An added token: 'id' and 'content', without options that are not supported.
llvm::Error readJsonAdded(
    JsonValue root,
    llvm::function_ref<llvm::Error(uint64_t id, std::string text, bool special, JsonValue token)>
        add);

/// Whether the components are those of a converted SentencePiece model: a
/// pre-tokeniser that knows spaces at most.
bool isJsonSentencePiece(JsonValue root);
llvm::Expected<SentencePieceModel> readJsonSentencePiece(llvm::StringRef path, JsonValue root);

/// The normaliser, pre-tokeniser and decoder of such a model.
llvm::Error readJsonNormalizer(JsonValue root, SentencePieceModel &model);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_JSONCOMPONENTS_H
