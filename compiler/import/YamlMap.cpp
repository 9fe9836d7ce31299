//===- YamlMap.cpp - Typed reading of a YAML map --------------------------===//

#include "compiler/import/Numbers.h"
#include "compiler/import/YamlTree.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

std::string YamlNode::shown() const {
  switch (kind) {
  case Kind::Null:
    return "nothing";
  case Kind::Sequence:
    return "a list";
  case Kind::Map:
    return "a map";
  case Kind::Scalar:
    break;
  }
  // Numbers and words as they are; anything longer or stranger in quotes.
  bool word =
      plain && text.size() <= 40 && llvm::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
  return word ? text : quoted(text);
}

llvm::Expected<YamlMap> YamlMap::from(StringRef file, const YamlNode &node, StringRef path,
                                      llvm::ArrayRef<StringRef> known) {
  YamlMap map(file.str(), node, path.str());
  if (node.kind != YamlNode::Kind::Map)
    return malformed(map.where(), (path.empty() ? "the file" : quoted(path)) + " is " +
                                      node.shown() + ", expected a map");
  for (const YamlNode &item : node.items)
    if (!llvm::is_contained(known, item.key))
      return malformed({map.file, item.keyLine, item.keyColumn},
                       "unknown key " + quoted(item.key) +
                           (path.empty() ? "" : " in " + quoted(path)) +
                           suggestion(item.key, known));
  return map;
}

const YamlNode *YamlMap::find(StringRef key) const {
  auto at = llvm::find_if(node->items, [&](const YamlNode &item) { return item.key == key; });
  return at == node->items.end() ? nullptr : &*at;
}

llvm::Expected<const YamlNode *> YamlMap::require(StringRef key) const {
  if (const YamlNode *value = find(key))
    return value;
  return malformed(where(), "the key " + quoted(key) + " is missing" +
                                (path.empty() ? "" : " in " + quoted(path)));
}

Error YamlMap::mismatch(const YamlNode &value, const Twine &expected) const {
  return malformed(locate(value), (value.key.empty() ? quoted(path) : quoted(value.key)) + " is " +
                                      value.shown() + ", expected " + expected);
}

llvm::Expected<int64_t> YamlMap::integer(const YamlNode &value) const {
  if (value.kind == YamlNode::Kind::Scalar && value.plain)
    if (std::optional<int64_t> number = parseInteger<int64_t>(value.text))
      return *number;
  return mismatch(value, "an integer");
}

llvm::Expected<double> YamlMap::number(const YamlNode &value) const {
  if (value.kind == YamlNode::Kind::Scalar && value.plain)
    if (std::optional<double> number = parseDouble(value.text))
      return *number;
  return mismatch(value, "a number");
}

llvm::Expected<bool> YamlMap::truth(const YamlNode &value) const {
  if (value.kind == YamlNode::Kind::Scalar && value.plain) {
    if (value.text == "true")
      return true;
    if (value.text == "false")
      return false;
  }
  return mismatch(value, "true or false");
}

llvm::Expected<StringRef> YamlMap::string(const YamlNode &value) const {
  if (value.kind == YamlNode::Kind::Scalar && !value.text.empty() &&
      !StringRef(value.text).contains('\0'))
    return StringRef(value.text);
  return mismatch(value, "a string");
}
