//===- TemplateEnvironment.cpp - Variables and limits of an evaluation ----===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include <algorithm>

namespace ingot::jinja {

Value Environment::lookup(const std::string &name) const {
  for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope)
    if (auto it = scope->find(name); it != scope->end())
      return it->second;
  return Value();
}

bool Environment::spend() {
  if (error.empty() && --steps < 0)
    fail("the template takes too many steps");
  return error.empty();
}

void Environment::fail(const llvm::Twine &why) {
  if (error.empty())
    error = why.str();
}

void Environment::reject(const llvm::Twine &why) {
  if (skipping == 0)
    fail(why);
}

std::string Environment::print(const Value &value) {
  if (value.kind == Value::Kind::List || value.kind == Value::Kind::Map)
    reject("a list or map is printed, expected text");
  return value.print();
}

Value Environment::text(llvm::StringRef value) {
  if (value.size() > kMaxText) {
    fail("a text is longer than 1 MiB");
    return Value();
  }
  steps -= static_cast<int64_t>(value.size() / 256);
  return Value::of(value);
}

bool Environment::canHold(const Value &value) {
  if (value.isNamespace)
    fail("a namespace inside another value is not supported");
  if (value.depth >= kDepth)
    fail("a value is nested deeper than " + llvm::Twine(kDepth));
  return error.empty();
}

/// Python's ==: truth values are numbers, lists and maps compare by elements.
bool Environment::equal(const Value &a, const Value &b) {
  using Kind = Value::Kind;
  if (!spend())
    return false;
  if (a.isNumber() && b.isNumber())
    return a.number() == b.number();
  if (a.kind != b.kind)
    return false;
  if (a.kind == Kind::List)
    return a.list->size() == b.list->size() &&
           std::equal(a.list->begin(), a.list->end(), b.list->begin(),
                      [&](const Value &x, const Value &y) { return equal(x, y); });
  if (a.kind == Kind::Map)
    return a.map == b.map || (a.map->size() == b.map->size() &&
                              std::equal(a.map->begin(), a.map->end(), b.map->begin(),
                                         [&](const auto &x, const auto &y) {
                                           return x.first == y.first && equal(x.second, y.second);
                                         }));
  return a.kind != Kind::String || a.string == b.string;
}

} // namespace ingot::jinja
