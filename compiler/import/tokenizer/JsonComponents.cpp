#include "compiler/import/tokenizer/JsonComponents.h"

#include "compiler/import/ImportError.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

Error ingot::readJsonMerges(JsonValue model,
                            std::vector<std::pair<std::string, std::string>> &into) {
  std::optional<JsonValue> merges = model.find("merges");
  if (!merges || merges->kind() != JsonKind::Array)
    return malformed(model.where(), "'merges' is missing or no array");
  return merges->forEachElement([&](JsonValue element) -> Error {
    std::vector<std::string> halves;
    if (std::optional<std::string> joined = element.asString()) {
      auto [left, right] = StringRef(*joined).split(' ');
      halves = {left.str(), right.str()};
    } else if (element.kind() == JsonKind::Array) {
      if (Error error = element.forEachElement([&](JsonValue half) -> Error {
            halves.push_back(half.asString().value_or(""));
            return Error::success();
          }))
        return error;
    }
    if (halves.size() != 2)
      return malformed(element.where(), "a merge is " + element.shown() + ", expected two tokens");
    into.emplace_back(std::move(halves[0]), std::move(halves[1]));
    return Error::success();
  });
}

Error ingot::readJsonAdded(JsonValue root,
                           llvm::function_ref<Error(uint64_t, std::string, bool, JsonValue)> add) {
  std::optional<JsonValue> list = root.find("added_tokens");
  if (!list || list->isNull())
    return Error::success();
  if (list->kind() != JsonKind::Array)
    return malformed(list->where(), "'added_tokens' is " + list->shown() + ", expected an array");
  return list->forEachElement([&](JsonValue token) -> Error {
    std::optional<JsonValue> idValue = token.find("id"), content = token.find("content");
    std::optional<uint64_t> id = idValue ? idValue->asUnsigned() : std::nullopt;
    std::optional<std::string> words = content ? content->asString() : std::nullopt;
    if (!id || !words)
      return malformed(token.where(), "an added token needs 'id' and 'content'");
    for (StringRef key : {"lstrip", "rstrip", "single_word"})
      if (flag(token, key, false))
        return unsupported(token.find(key)->where(),
                           quoted(key) + " of added token " + quoted(*words) + " is not supported");
    return add(*id, std::move(*words), flag(token, "special", false), token);
  });
}
