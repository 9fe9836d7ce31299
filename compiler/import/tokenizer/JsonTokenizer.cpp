//===- JsonTokenizer.cpp - The tokenizer of a tokenizer.json --------------===//
//
// The file describes a pipeline of components. What has an exact counterpart
// here is read; every other component, and every option that would change ids,
// is named in an error.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/JsonComponents.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

namespace {

class JsonTokenizerReader {
public:
  explicit JsonTokenizerReader(StringRef path) { text.file = path.str(); }

  llvm::Expected<TokenizerSpec> read(JsonValue root);

private:
  Error readPretokenizer(JsonValue root);
  Error readModel(JsonValue root);
  Error readAdded(JsonValue root);
  Error place(uint64_t id, std::string content, JsonValue where);

  BpeText text;
  std::deque<std::string> contents; ///< owns what text.tokens views
  std::vector<bool> taken;
};

} // namespace

/// ByteLevel as GPT-2's own, without a space put in front.
static bool isPlainByteLevel(JsonValue component) {
  return typeOf(component) == "ByteLevel" && !flag(component, "add_prefix_space", true) &&
         flag(component, "use_regex", true);
}

Error JsonTokenizerReader::readPretokenizer(JsonValue root) {
  if (std::string normalizer = typeOf(root.find("normalizer")); !normalizer.empty())
    return unsupported(root.find("normalizer")->where(),
                       "normalizer " + quoted(normalizer) + " is not supported, expected none");
  std::optional<JsonValue> pre = root.find("pre_tokenizer");
  if (pre && isPlainByteLevel(*pre)) {
    text.pretokenizer = Pretokenizer::Gpt2;
    return Error::success();
  }
  llvm::Expected<std::vector<JsonValue>> steps = stepsOf(pre, "pretokenizers");
  if (!steps)
    return steps.takeError();
  if (steps->size() == 2 && typeOf((*steps)[0]) == "Digits" &&
      flag((*steps)[0], "individual_digits", false) && isPlainByteLevel((*steps)[1])) {
    text.pretokenizer = Pretokenizer::DigitsGpt2;
    return Error::success();
  }
  return unsupported(pre ? pre->where() : root.where(),
                     "pre_tokenizer " + quoted(typeOf(pre)) +
                         " has no exact counterpart, expected ByteLevel without a prefix space, "
                         "or Digits (individual) followed by it");
}

Error JsonTokenizerReader::place(uint64_t id, std::string content, JsonValue where) {
  if (id >= kMaxTokens)
    return malformed(where.where(), "token id " + llvm::Twine(id) + " is too large");
  if (id >= text.tokens.size()) {
    text.tokens.resize(id + 1);
    text.special.resize(id + 1);
    text.added.resize(id + 1);
    taken.resize(id + 1);
  }
  if (taken[id] && text.tokens[id] != content)
    return malformed(where.where(), "token id " + llvm::Twine(id) + " is given twice");
  taken[id] = true;
  contents.push_back(std::move(content));
  text.tokens[id] = contents.back();
  return Error::success();
}

Error JsonTokenizerReader::readModel(JsonValue root) {
  std::optional<JsonValue> model = root.find("model");
  if (typeOf(model) != "BPE")
    return unsupported(model ? model->where() : root.where(),
                       "model type " + quoted(typeOf(model)) + " is not supported, expected BPE");
  for (StringRef key : {"byte_fallback", "ignore_merges"})
    if (flag(*model, key, false))
      return unsupported(model->find(key)->where(), quoted(key) + " is not supported");
  for (StringRef key : {"dropout", "continuing_subword_prefix", "end_of_word_suffix"})
    if (std::optional<JsonValue> value = model->find(key);
        value && !value->isNull() && value->asString().value_or("x") != "")
      return unsupported(value->where(), quoted(key) + " is not supported");
  std::optional<JsonValue> vocab = model->find("vocab");
  if (!vocab || vocab->kind() != JsonKind::Object)
    return malformed(model->where(), "'vocab' is missing or no object");
  if (Error error = vocab->forEachMember([&](JsonValue key, JsonValue value) -> Error {
        std::optional<uint64_t> id = value.asUnsigned();
        if (!id)
          return malformed(value.where(),
                           "a token id is " + value.shown() + ", expected a number from 0");
        return place(*id, *key.asString(), key);
      }))
    return error;
  return readJsonMerges(*model, text.merges);
}

Error JsonTokenizerReader::readAdded(JsonValue root) {
  return readJsonAdded(root,
                       [&](uint64_t id, std::string words, bool special, JsonValue token) -> Error {
                         if (Error error = place(id, std::move(words), token))
                           return error;
                         text.added[id] = true;
                         text.special[id] = special;
                         return Error::success();
                       });
}

llvm::Expected<TokenizerSpec> JsonTokenizerReader::read(JsonValue root) {
  if (root.kind() != JsonKind::Object)
    return malformed(root.where(), "the file holds " + root.shown() + ", expected an object");
  if (Error error = readPretokenizer(root))
    return std::move(error);
  if (Error error = readModel(root))
    return std::move(error);
  if (Error error = readAdded(root))
    return std::move(error);
  for (size_t id = 0; id < taken.size(); ++id)
    if (!taken[id])
      return malformed(root.where(), "no token has the id " + llvm::Twine(id));
  return resolveBpe(text);
}

llvm::Expected<TokenizerSpec> ingot::readJsonTokenizer(StringRef path) {
  llvm::Expected<std::unique_ptr<JsonFile>> file = JsonFile::read(path, kMaxTokenizerJsonBytes);
  if (!file)
    return file.takeError();
  const JsonValue root = (*file)->root();
  if (!isJsonSentencePiece(root))
    return JsonTokenizerReader(path).read(root);
  llvm::Expected<SentencePieceModel> model = readJsonSentencePiece(path, root);
  if (!model)
    return model.takeError();
  return resolveSentencePiece(*model);
}
