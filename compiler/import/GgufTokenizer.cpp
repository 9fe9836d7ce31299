//===- GgufTokenizer.cpp - The tokenizer keys of a GGUF file --------------===//
//
// Ids and flags only; the vocabulary is read by compiler/import/tokenizer.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Gguf.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/Paths.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

static SourceLocation where(const GgufFile &gguf, const GgufValue &value) {
  return {gguf.path().str(), 0, 0, value.position};
}

static Error mismatch(const GgufFile &gguf, StringRef key, const GgufValue &value,
                      StringRef expected) {
  return malformed(where(gguf, value), quoted(key) + " is of type " + ggufTypeName(value.type) +
                                           ", expected " + expected);
}

/// The id under `key`, or nothing if the key is not there.
static Expected<std::optional<int64_t>> readId(const GgufFile &gguf, StringRef key) {
  const GgufValue *value = gguf.find(key);
  if (!value)
    return std::nullopt;
  std::optional<int64_t> id = value->asSigned();
  if (!id)
    return mismatch(gguf, key, *value, "an integer");
  return id;
}

Expected<std::optional<TokenizerRef>> ingot::tokenizerFromGguf(const GgufFile &gguf) {
  if (!gguf.find("tokenizer.ggml.tokens"))
    return std::nullopt;
  TokenizerRef tokenizer;
  tokenizer.path = absolutePath(gguf.path());

  Expected<std::optional<int64_t>> bos = readId(gguf, "tokenizer.ggml.bos_token_id");
  if (!bos)
    return bos.takeError();
  tokenizer.bos = *bos;
  // The end of a turn and of a message end a completion as well.
  for (StringRef key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                        "tokenizer.ggml.eom_token_id"}) {
    Expected<std::optional<int64_t>> id = readId(gguf, key);
    if (!id)
      return id.takeError();
    if (*id && !llvm::is_contained(tokenizer.eos, **id))
      tokenizer.eos.push_back(**id);
  }

  const GgufValue *model = gguf.find("tokenizer.ggml.model");
  tokenizer.addBos = model && model->asString() == StringRef("llama"); // SentencePiece
  if (const GgufValue *value = gguf.find("tokenizer.ggml.add_bos_token")) {
    std::optional<bool> add = value->asBool();
    if (!add)
      return mismatch(gguf, "tokenizer.ggml.add_bos_token", *value, "bool");
    tokenizer.addBos = *add;
  }

  if (const GgufValue *value = gguf.find("tokenizer.chat_template")) {
    std::optional<StringRef> text = value->asString();
    if (!text)
      return mismatch(gguf, "tokenizer.chat_template", *value, "string");
    if (Error error = checkChatTemplate(*text, where(gguf, *value)))
      return std::move(error);
    if (!text->empty())
      tokenizer.chatTemplate = text->str();
  }
  return tokenizer;
}
