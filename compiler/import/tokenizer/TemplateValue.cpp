//===- TemplateValue.cpp - Values of a chat template ----------------------===//

#include "compiler/import/tokenizer/TemplateValue.h"

#include <algorithm>

namespace ingot::jinja {

Value Value::none() {
  Value value;
  value.kind = Kind::None;
  return value;
}
Value Value::of(bool boolean) {
  Value value;
  value.kind = Kind::Bool;
  value.boolean = boolean;
  return value;
}
Value Value::of(int64_t integer) {
  Value value;
  value.kind = Kind::Int;
  value.integer = integer;
  return value;
}
Value Value::of(llvm::StringRef text) {
  Value value;
  value.kind = Kind::String;
  value.string = text.str();
  return value;
}
Value Value::of(List elements) {
  Value value;
  value.kind = Kind::List;
  for (const Value &element : elements)
    value.depth = std::max(value.depth, element.depth + 1);
  value.list = std::make_shared<List>(std::move(elements));
  return value;
}
Value Value::of(Map members) {
  Value value;
  value.kind = Kind::Map;
  for (const auto &member : members)
    value.depth = std::max(value.depth, member.second.depth + 1);
  value.map = std::make_shared<Map>(std::move(members));
  return value;
}

bool Value::truthy() const {
  switch (kind) {
  case Kind::Undefined:
  case Kind::None:
    return false;
  case Kind::Bool:
    return boolean;
  case Kind::Int:
    return integer != 0;
  case Kind::String:
    return !string.empty();
  case Kind::List:
    return !list->empty();
  case Kind::Map:
    return !map->empty();
  }
  return false;
}

std::string Value::print() const {
  switch (kind) {
  case Kind::Undefined:
    return "";
  case Kind::None:
    return "None";
  case Kind::Bool:
    return boolean ? "True" : "False";
  case Kind::Int:
    return std::to_string(integer);
  case Kind::String:
    return string;
  case Kind::List:
  case Kind::Map:
    return "";
  }
  return "";
}

Value Value::member(const Value &key) const {
  if (kind == Kind::Map && key.kind == Kind::String) {
    auto it = map->find(key.string);
    return it == map->end() ? Value() : it->second;
  }
  if (key.kind != Kind::Int)
    return Value();
  int64_t size = kind == Kind::List     ? static_cast<int64_t>(list->size())
                 : kind == Kind::String ? static_cast<int64_t>(string.size())
                                        : 0;
  int64_t index = key.integer < 0 ? key.integer + size : key.integer;
  if (index < 0 || index >= size)
    return Value();
  if (kind == Kind::List)
    return (*list)[static_cast<size_t>(index)];
  return of(llvm::StringRef(string).substr(static_cast<size_t>(index), 1));
}

} // namespace ingot::jinja
