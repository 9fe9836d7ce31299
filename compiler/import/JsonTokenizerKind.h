//===- JsonTokenizerKind.h - What kind of model a tokenizer.json holds ----===//
#ifndef INGOT_COMPILER_IMPORT_JSONTOKENIZERKIND_H
#define INGOT_COMPILER_IMPORT_JSONTOKENIZERKIND_H

#include "compiler/import/Json.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <vector>

namespace ingot {

/// The largest tokenizer.json in use has about 30 MB.
constexpr uint64_t kMaxTokenizerJsonBytes = 256u << 20;

/// The type of a component, "" where there is none.
std::string typeOf(std::optional<JsonValue> component);

/// The steps of a Sequence under `list`, the component itself if it is none,
/// nothing for null.
llvm::Expected<std::vector<JsonValue>> stepsOf(std::optional<JsonValue> component,
                                               llvm::StringRef list);

/// Whether the components are those of a converted SentencePiece model: BPE or
/// Unigram behind a pre-tokeniser that knows spaces at most.
bool isJsonSentencePiece(JsonValue root);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_JSONTOKENIZERKIND_H
