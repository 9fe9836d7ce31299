//===- HfTokenizer.cpp - What a Hugging Face folder says of its tokenizer -===//

#include "compiler/import/HfConfig.h"

#include "compiler/import/MappedFile.h"
#include "compiler/import/ModelFiles.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

namespace {

constexpr uint64_t maxConfigBytes = 1 << 20;
constexpr uint64_t maxTokenizerConfigBytes = 16 << 20; ///< it may list every added token
constexpr size_t maxEos = 64;

std::string inside(StringRef folder, StringRef name) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

/// The file of that name, or null if there is none.
Expected<std::unique_ptr<JsonFile>> readOptional(StringRef folder, StringRef name, uint64_t limit) {
  std::string path = inside(folder, name);
  if (!llvm::sys::fs::exists(path))
    return nullptr;
  return JsonFile::read(path, limit);
}

/// One id or a list of them under `key`, if it is there and not null.
Error readIds(JsonValue object, StringRef key, StringRef field, std::vector<int64_t> &ids,
              FieldOrigins &origins) {
  std::optional<JsonValue> value = object.find(key);
  if (!value || value->isNull())
    return Error::success();
  origins.set(field, key, value->where());
  ids.clear();
  auto add = [&](JsonValue element) -> Error {
    std::optional<int64_t> id = element.asSigned();
    if (!id)
      return malformed(element.where(),
                       quoted(key) + " is " + element.shown() + ", expected a token id");
    if (ids.size() == maxEos)
      return malformed(element.where(),
                       quoted(key) + " has more than " + llvm::Twine(maxEos) + " token ids");
    if (!llvm::is_contained(ids, *id))
      ids.push_back(*id);
    return Error::success();
  };
  return value->kind() == JsonKind::Array ? value->forEachElement(add) : add(*value);
}

/// `chat_template` is a string, or a list of named ones of which "default" is
/// meant.
Error readTemplate(JsonValue config, TokenizerRef &tokenizer) {
  std::optional<JsonValue> value = config.find("chat_template");
  if (!value || value->isNull())
    return Error::success();
  auto take = [&](JsonValue text) -> Error {
    std::optional<std::string> string = text.asString();
    if (!string)
      return malformed(text.where(), "'chat_template' is " + text.shown() + ", expected a string");
    if (Error error = checkChatTemplate(*string, text.where()))
      return error;
    if (!string->empty())
      tokenizer.chatTemplate = std::move(*string);
    return Error::success();
  };
  if (value->kind() != JsonKind::Array)
    return take(*value);
  return value->forEachElement([&](JsonValue element) -> Error {
    std::optional<JsonValue> name = element.find("name"), text = element.find("template");
    if (!name || !text)
      return malformed(element.where(),
                       "an entry of 'chat_template' has no 'name' or no 'template'");
    return name->asString() == std::string("default") ? take(*text) : Error::success();
  });
}

Error readTokenizerConfig(StringRef folder, TokenizerRef &tokenizer) {
  Expected<std::unique_ptr<JsonFile>> file =
      readOptional(folder, "tokenizer_config.json", maxTokenizerConfigBytes);
  if (!file)
    return file.takeError();
  if (!*file)
    return Error::success();
  JsonValue config = (*file)->root();
  if (std::optional<JsonValue> add = config.find("add_bos_token"); add && !add->isNull()) {
    std::optional<bool> truth = add->asBool();
    if (!truth)
      return malformed(add->where(),
                       "'add_bos_token' is " + add->shown() + ", expected true or false");
    tokenizer.addBos = *truth;
  }
  return readTemplate(config, tokenizer);
}

/// The newer place of the template, which comes before the older.
Error readTemplateFile(StringRef folder, TokenizerRef &tokenizer) {
  std::string path = inside(folder, "chat_template.jinja");
  if (!llvm::sys::fs::exists(path))
    return Error::success();
  Expected<std::string> text = readTextFile(path, maxConfigBytes);
  if (!text)
    return text.takeError();
  if (Error error = checkChatTemplate(*text, {path}))
    return error;
  if (!text->empty())
    tokenizer.chatTemplate = std::move(*text);
  return Error::success();
}

} // namespace

Expected<std::optional<TokenizerRef>> ingot::readHfTokenizer(StringRef folder, JsonValue config,
                                                             FieldOrigins &origins) {
  std::string path = inside(folder, "tokenizer.model");
  if (!llvm::sys::fs::exists(path))
    path = inside(folder, "tokenizer.json");
  if (!llvm::sys::fs::exists(path))
    return std::nullopt;
  Expected<TokenizerRef> tokenizer = tokenizerDefaults(path);
  if (!tokenizer)
    return tokenizer.takeError();

  std::vector<int64_t> bos;
  if (Error error = readIds(config, "bos_token_id", "bos", bos, origins))
    return std::move(error);
  if (!bos.empty())
    tokenizer->bos = bos.front();
  if (Error error = readIds(config, "eos_token_id", "eos", tokenizer->eos, origins))
    return std::move(error);
  // What generation stops at has a file of its own, and that one is used.
  Expected<std::unique_ptr<JsonFile>> generation =
      readOptional(folder, "generation_config.json", maxConfigBytes);
  if (!generation)
    return generation.takeError();
  if (*generation)
    if (Error error =
            readIds((*generation)->root(), "eos_token_id", "eos", tokenizer->eos, origins))
      return std::move(error);

  if (Error error = readTokenizerConfig(folder, *tokenizer))
    return std::move(error);
  if (Error error = readTemplateFile(folder, *tokenizer))
    return std::move(error);
  return std::optional<TokenizerRef>(std::move(*tokenizer));
}
