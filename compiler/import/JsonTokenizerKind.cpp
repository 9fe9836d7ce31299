#include "compiler/import/JsonTokenizerKind.h"

#include "compiler/import/ImportError.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;

std::string ingot::typeOf(std::optional<JsonValue> component) {
  if (!component || component->isNull())
    return {};
  std::optional<JsonValue> type = component->find("type");
  return type ? type->asString().value_or("") : "";
}

llvm::Expected<std::vector<JsonValue>> ingot::stepsOf(std::optional<JsonValue> component,
                                                      StringRef list) {
  std::vector<JsonValue> steps;
  if (!component || component->isNull())
    return steps;
  if (typeOf(component) != "Sequence") {
    steps.push_back(*component);
    return steps;
  }
  std::optional<JsonValue> parts = component->find(list);
  if (!parts || parts->kind() != JsonKind::Array)
    return malformed(component->where(), quoted(list) + " is missing or no array");
  if (Error failed = parts->forEachElement([&](JsonValue step) {
        steps.push_back(step);
        return Error::success();
      }))
    return std::move(failed);
  return steps;
}

bool ingot::isJsonSentencePiece(JsonValue root) {
  const std::string type = typeOf(root.find("model"));
  if (type != "BPE" && type != "Unigram")
    return false;
  llvm::Expected<std::vector<JsonValue>> steps =
      stepsOf(root.find("pre_tokenizer"), "pretokenizers");
  if (!steps) {
    llvm::consumeError(steps.takeError());
    return false;
  }
  return llvm::all_of(*steps, [](JsonValue step) {
    const std::string kind = typeOf(step);
    return kind == "Metaspace" || kind == "WhitespaceSplit" || kind == "Split";
  });
}
