//===- TemplateOperand.cpp - Operands, tests, filters and methods ---------===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace ingot::jinja {

using Kind = Value::Kind;

Value Expression::postfix() {
  Value value = primary();
  while (environment.spend()) {
    if (accept(".")) {
      std::string name = identifier();
      value = accept("(") ? method(value, name) : value.member(Value::of(llvm::StringRef(name)));
    } else if (accept("[")) {
      if (accept(":")) {
        value = slice(value, nullptr);
      } else {
        Value key = ternary();
        value = accept(":") ? slice(value, &key) : value.member(key);
      }
      expect("]");
    } else {
      break;
    }
  }
  return value;
}

/// [first:end], with either left out; the colon has been read.
Value Expression::slice(const Value &value, const Value *first) {
  int64_t size = value.kind == Kind::List     ? static_cast<int64_t>(value.list->size())
                 : value.kind == Kind::String ? static_cast<int64_t>(value.string.size())
                                              : 0;
  skipSpace();
  int64_t end = size;
  if (at < text.size() && text[at] != ']')
    end = ternary().integer;
  int64_t begin = first ? first->integer : 0;
  auto clamp = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size);
  };
  begin = clamp(begin);
  end = std::max(clamp(end), begin);
  if (value.kind == Kind::String)
    return Value::of(
        llvm::StringRef(value.string).slice(static_cast<size_t>(begin), static_cast<size_t>(end)));
  if (value.kind == Kind::List)
    return Value::of(Value::List(value.list->begin() + begin, value.list->begin() + end));
  environment.fail("a slice of a value that is neither text nor list");
  return Value();
}

Value Expression::stringLiteral() {
  char quote = text[at++];
  std::string result;
  while (at < text.size() && text[at] != quote) {
    char c = text[at++];
    if (c == '\\' && at < text.size()) {
      c = text[at++];
      c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    result += c;
  }
  if (at == text.size())
    environment.fail("a string does not end in '" + text + "'");
  else
    ++at;
  return Value::of(llvm::StringRef(result));
}

Value Expression::primary() {
  skipSpace();
  if (at == text.size()) {
    environment.fail("an expression ends early: '" + text + "'");
    return Value();
  }
  char c = text[at];
  if (c == '\'' || c == '"') {
    Value value = stringLiteral();
    skipSpace(); // adjacent literals are one
    while (at < text.size() && (text[at] == '\'' || text[at] == '"') && environment.spend()) {
      value = Value::of(value.string + stringLiteral().string);
      skipSpace();
    }
    return value;
  }
  if (llvm::isDigit(c)) {
    int64_t number = 0;
    std::string digits = identifier();
    if (llvm::StringRef(digits).getAsInteger(10, number))
      environment.fail("'" + digits + "' is no number");
    return Value::of(number);
  }
  if (accept("(")) {
    Value value = ternary();
    expect(")");
    return value;
  }
  if (accept("[")) {
    Value::List elements;
    while (environment.spend() && !accept("]")) {
      elements.push_back(ternary());
      if (!accept(",")) {
        expect("]");
        break;
      }
    }
    return Value::of(std::move(elements));
  }
  if (accept("{")) {
    Value::Map members;
    while (environment.spend() && !accept("}")) {
      Value key = ternary();
      expect(":");
      members[key.string] = ternary();
      if (!accept(",")) {
        expect("}");
        break;
      }
    }
    return Value::of(std::move(members));
  }
  std::string name = identifier();
  if (name == "true" || name == "True")
    return Value::of(true);
  if (name == "false" || name == "False")
    return Value::of(false);
  if (name == "none" || name == "None")
    return Value::none();
  if (name.empty()) {
    environment.fail("unexpected '" + text.substr(at, 1) + "' in '" + text + "'");
    return Value();
  }
  if (accept("("))
    return call(name);
  return environment.lookup(name);
}

std::vector<Value> Expression::arguments(Value::Map *named) {
  std::vector<Value> values;
  while (environment.spend() && !accept(")")) {
    size_t before = at;
    std::string name = identifier();
    skipSpace();
    llvm::StringRef rest = text.substr(at);
    if (named && !name.empty() && rest.starts_with("=") && !rest.starts_with("==")) {
      ++at;
      (*named)[name] = ternary();
    } else {
      at = before;
      values.push_back(ternary());
    }
    if (!accept(",")) {
      expect(")");
      break;
    }
  }
  return values;
}

Value Expression::call(const std::string &name) {
  Value::Map named;
  std::vector<Value> values = arguments(&named);
  if (name == "raise_exception") {
    environment.fail("the template refuses: " + (values.empty() ? "" : values[0].print()));
    return Value();
  }
  if (name == "namespace" || name == "dict")
    return Value::of(std::move(named));
  environment.fail("function '" + name + "' is not supported");
  return Value();
}

Value Expression::test(const Value &value) {
  bool negate = acceptWord("not");
  std::string name = identifier();
  bool result = false;
  if (name == "defined")
    result = value.kind != Kind::Undefined;
  else if (name == "undefined")
    result = value.kind == Kind::Undefined;
  else if (name == "none")
    result = value.kind == Kind::None;
  else if (name == "string")
    result = value.kind == Kind::String;
  else if (name == "mapping")
    result = value.kind == Kind::Map;
  else if (name == "iterable" || name == "sequence")
    result = value.kind == Kind::List || value.kind == Kind::String || value.kind == Kind::Map;
  else if (name == "true" || name == "false")
    result = value.kind == Kind::Bool && value.boolean == (name == "true");
  else
    environment.fail("test '" + name + "' is not supported");
  return Value::of(result != negate);
}

static std::string replaceAll(llvm::StringRef from, llvm::StringRef what, llvm::StringRef with) {
  std::string result;
  while (!what.empty() && from.contains(what)) {
    auto [before, after] = from.split(what);
    result += before;
    result += with;
    from = after;
  }
  return result + from.str();
}

Value Expression::filter(const Value &value) {
  std::string name = identifier();
  std::vector<Value> values;
  if (accept("("))
    values = arguments();
  if (name == "length" || name == "count") {
    size_t size = value.kind == Kind::String ? value.string.size()
                  : value.kind == Kind::List ? value.list->size()
                  : value.kind == Kind::Map  ? value.map->size()
                                             : 0;
    return Value::of(static_cast<int64_t>(size));
  }
  if (name == "trim")
    return Value::of(llvm::StringRef(value.print()).trim());
  if (name == "upper")
    return Value::of(llvm::StringRef(llvm::StringRef(value.print()).upper()));
  if (name == "lower")
    return Value::of(llvm::StringRef(llvm::StringRef(value.print()).lower()));
  if (name == "string")
    return Value::of(llvm::StringRef(value.print()));
  if (name == "first")
    return value.member(Value::of(int64_t(0)));
  if (name == "last")
    return value.member(Value::of(int64_t(-1)));
  if (name == "list" || name == "safe")
    return value;
  if (name == "default")
    return value.kind == Kind::Undefined && !values.empty() ? values[0] : value;
  if (name == "join" && value.kind == Kind::List) {
    std::string result;
    for (const Value &element : *value.list)
      result += (result.empty() || values.empty() ? "" : values[0].print()) + element.print();
    return Value::of(llvm::StringRef(result));
  }
  if (name == "replace" && values.size() == 2)
    return Value::of(
        llvm::StringRef(replaceAll(value.print(), values[0].string, values[1].string)));
  environment.fail("filter '" + name + "' is not supported");
  return Value();
}

Value Expression::method(const Value &value, const std::string &name) {
  std::vector<Value> values = arguments();
  llvm::StringRef text = value.string;
  if (value.kind == Kind::String) {
    llvm::StringRef argument = values.empty() ? llvm::StringRef() : values[0].string;
    llvm::StringRef stripped = values.empty() ? llvm::StringRef(" \t\n\v\f\r") : argument;
    if (name == "strip")
      return Value::of(text.trim(stripped));
    if (name == "lstrip")
      return Value::of(text.ltrim(stripped));
    if (name == "rstrip")
      return Value::of(text.rtrim(stripped));
    if (name == "startswith")
      return Value::of(text.starts_with(argument));
    if (name == "endswith")
      return Value::of(text.ends_with(argument));
    if (name == "upper")
      return Value::of(llvm::StringRef(text.upper()));
    if (name == "lower")
      return Value::of(llvm::StringRef(text.lower()));
    if (name == "replace" && values.size() == 2)
      return Value::of(llvm::StringRef(replaceAll(text, argument, values[1].string)));
    if (name == "split" && !argument.empty()) {
      Value::List parts;
      while (text.contains(argument)) {
        parts.push_back(Value::of(text.split(argument).first));
        text = text.split(argument).second;
      }
      parts.push_back(Value::of(text));
      return Value::of(std::move(parts));
    }
  }
  if (value.kind == Kind::Map && name == "get" && !values.empty()) {
    Value found = value.member(values[0]);
    return found.kind != Kind::Undefined ? found : values.size() > 1 ? values[1] : Value::none();
  }
  environment.fail("method '" + name + "' is not supported");
  return Value();
}

} // namespace ingot::jinja
