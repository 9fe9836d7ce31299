//===- TemplateCalls.cpp - Tests, filters and methods of a template -------===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include "llvm/ADT/StringExtras.h"

namespace ingot::jinja {

using Kind = Value::Kind;

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
  else if (name == "number")
    result = value.isNumber();
  else if (name == "integer" || name == "boolean")
    result = value.kind == (name == "integer" ? Kind::Int : Kind::Bool);
  else if ((name == "odd" || name == "even") && numbers(value, value, name))
    result = (value.number() % 2 == 0) == (name == "even");
  else
    environment.reject("test '" + name + "' is not supported");
  return Value::of(result != negate);
}

/// Every `what` of a text as `with`, within the limit on the text's length.
Value Expression::replaced(llvm::StringRef from, const Value &what, const Value &with) {
  if (what.kind != Kind::String || what.string.empty() || with.kind != Kind::String) {
    environment.reject("'replace' of other things than texts");
    return Value();
  }
  std::string result;
  while (from.contains(what.string) && environment.spend()) {
    auto [before, after] = from.split(what.string);
    result += before;
    result += with.string;
    if (result.size() > kMaxText)
      return environment.text(result); // which refuses it
    from = after;
  }
  return environment.text(result + from.str());
}

/// Case is changed in ASCII alone: other text is refused, not left as it is.
Value Expression::inCase(llvm::StringRef text, llvm::StringRef name) {
  if (!llvm::all_of(text, [](char c) { return llvm::isASCII(c); }))
    environment.reject("'" + name + "' of text that is not ASCII is not supported");
  std::string result = name == "upper" ? text.upper() : text.lower();
  bool start = name == "title" || name == "capitalize";
  for (char &c : result) {
    if (start)
      c = llvm::toUpper(c);
    start = name == "title" && !llvm::isAlpha(c);
  }
  return environment.text(result);
}

static bool isCase(llvm::StringRef name) {
  return name == "upper" || name == "lower" || name == "title" || name == "capitalize";
}

/// Characters, elements or members; characters are counted as Python does.
static int64_t lengthOf(const Value &value) {
  return value.kind == Kind::List  ? static_cast<int64_t>(value.list->size())
         : value.kind == Kind::Map ? static_cast<int64_t>(value.map->size())
                                   : llvm::count_if(value.string, [](char c) {
                                       return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
                                     });
}

static std::string jsonString(llvm::StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    constexpr llvm::StringLiteral from = "\"\\\n\r\t\b\f", to = "\"\\nrtbf";
    if (const size_t known = from.find(c); known != llvm::StringRef::npos)
      (result += '\\') += to[known];
    else if (static_cast<unsigned char>(c) < 0x20)
      result += "\\u00" + llvm::utohexstr(static_cast<unsigned char>(c), true, 2);
    else
      result += c;
  }
  return result + '"';
}

Value Expression::toJson(const Value &value) {
  switch (value.kind) {
  case Kind::String:
    return environment.text(jsonString(value.string));
  case Kind::Int:
    return environment.text(value.print());
  case Kind::Bool:
    return Value::of(value.boolean ? "true" : "false");
  case Kind::None:
    return Value::of("null");
  default:
    environment.reject("'tojson' of a list, a map or nothing is not supported");
    return Value();
  }
}

Value Expression::join(const Value &list, const std::string &between) {
  std::string result;
  for (const auto &[index, element] : llvm::enumerate(*list.list)) {
    result += (index == 0 ? "" : between) + environment.print(element);
    if (!environment.spend() || result.size() > kMaxText)
      break;
  }
  return environment.text(result);
}

Value Expression::filter(const Value &value) {
  std::string name = identifier();
  std::vector<Value> values;
  if (accept("("))
    values = arguments();
  const size_t count = values.size();
  const bool sized =
      value.kind == Kind::String || value.kind == Kind::List || value.kind == Kind::Map;
  if ((name == "length" || name == "count") && (sized || value.kind == Kind::Undefined))
    return Value::of(lengthOf(value));
  if (name == "trim" && count == 0)
    return environment.text(llvm::StringRef(environment.print(value)).trim());
  if (isCase(name))
    return inCase(environment.print(value), name);
  if (name == "string")
    return environment.text(environment.print(value));
  if ((name == "first" || name == "last") && (sized && value.kind != Kind::Map))
    return member(value, Value::of(int64_t(name == "first" ? 0 : -1)));
  if ((name == "list" && value.kind == Kind::List) || name == "safe")
    return value;
  if ((name == "default" || name == "d") && (count == 1 || count == 2)) {
    const bool falsy = count == 2 && values[1].truthy() && !value.truthy();
    return value.kind == Kind::Undefined || falsy ? values[0] : value;
  }
  if (name == "join" && value.kind == Kind::List)
    return join(value, count == 0 ? "" : environment.print(values[0]));
  if (name == "replace" && count == 2)
    return replaced(environment.print(value), values[0], values[1]);
  if (name == "tojson" && count == 0)
    return toJson(value);
  environment.reject("filter '" + name + "' of this value is not supported");
  return Value();
}

/// Python's split: at a separator, or at runs of white space.
Value Expression::split(llvm::StringRef text, const Value *separator) {
  Value::List parts;
  while (environment.spend()) {
    if (!separator)
      text = text.ltrim();
    if (!separator && text.empty())
      break;
    const size_t end = separator ? text.find(separator->string) : text.find_first_of(" \t\n\v\f\r");
    parts.push_back(environment.text(text.substr(0, end)));
    if (end == llvm::StringRef::npos)
      break;
    text = text.substr(end + (separator ? separator->string.size() : 1));
  }
  return Value::of(std::move(parts));
}

Value Expression::method(const Value &value, const std::string &name) {
  std::vector<Value> values = arguments();
  const llvm::StringRef text = value.string;
  const size_t count = values.size();
  const bool isText = value.kind == Kind::String;
  if (isText && count == 0) {
    if (name == "strip")
      return environment.text(text.trim());
    if (name == "lstrip")
      return environment.text(text.ltrim());
    if (name == "rstrip")
      return environment.text(text.rtrim());
    if (isCase(name))
      return inCase(text, name);
    if (name == "split")
      return split(text, nullptr);
  }
  if (isText && count == 1 && values[0].kind == Kind::String) {
    const llvm::StringRef argument = values[0].string;
    if (name == "strip")
      return environment.text(text.trim(argument));
    if (name == "lstrip")
      return environment.text(text.ltrim(argument));
    if (name == "rstrip")
      return environment.text(text.rtrim(argument));
    if (name == "startswith")
      return Value::of(text.starts_with(argument));
    if (name == "endswith")
      return Value::of(text.ends_with(argument));
    if (name == "split" && !argument.empty())
      return split(text, &values[0]);
  }
  if (isText && name == "replace" && count == 2)
    return replaced(text, values[0], values[1]);
  if (value.kind == Kind::Map && name == "get" && (count == 1 || count == 2)) {
    Value found = value.member(values[0]);
    return found.kind != Kind::Undefined ? found : count == 2 ? values[1] : Value::none();
  }
  environment.reject("method '" + name + "' of this value is not supported");
  return Value();
}

} // namespace ingot::jinja
