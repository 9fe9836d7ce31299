//===- TemplateOperand.cpp - Operands of a chat template's expressions ---===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <algorithm>

namespace ingot::jinja {

using Kind = Value::Kind;

static bool isAscii(llvm::StringRef text) {
  return llvm::all_of(text, [](char c) { return llvm::isASCII(c); });
}

Value Expression::postfix() {
  Value value = primary();
  while (environment.spend()) {
    if (accept(".")) {
      std::string name = identifier();
      value = accept("(") ? method(value, name) : member(value, Value::of(llvm::StringRef(name)));
    } else if (accept("[")) {
      if (accept(":")) {
        value = slice(value, nullptr);
      } else {
        Value key = ternary();
        value = accept(":") ? slice(value, &key) : member(value, key);
      }
      expect("]");
    } else {
      break;
    }
  }
  return value;
}

/// A member or element; a missing one is undefined, but it has no members
/// itself.
Value Expression::member(const Value &value, const Value &key) {
  if (value.kind == Kind::Undefined)
    environment.reject("a member of a value that is not defined");
  // Positions are those of characters, which are bytes in ASCII alone.
  if (key.kind == Kind::Int && value.kind == Kind::String && !isAscii(value.string))
    environment.reject("an element of text that is not ASCII is not supported");
  return value.member(key);
}

/// [first:end], with either left out; the colon has been read.
Value Expression::slice(const Value &value, const Value *first) {
  int64_t size = value.kind == Kind::List     ? static_cast<int64_t>(value.list->size())
                 : value.kind == Kind::String ? static_cast<int64_t>(value.string.size())
                                              : 0;
  auto boundary = [&](const Value &bound) {
    if (bound.kind != Kind::Int)
      environment.reject("a bound of a slice is no number");
    return bound.integer;
  };
  skipSpace();
  int64_t end = size;
  if (at < text.size() && text[at] != ']')
    end = boundary(ternary());
  int64_t begin = first ? boundary(*first) : 0;
  if (value.kind == Kind::String && !isAscii(value.string))
    environment.reject("a slice of text that is not ASCII is not supported");
  auto clamp = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + size : index, 0, size);
  };
  begin = clamp(begin);
  end = std::max(clamp(end), begin);
  if (value.kind == Kind::List)
    environment.steps -= size;
  if (value.kind == Kind::String)
    return Value::of(
        llvm::StringRef(value.string).slice(static_cast<size_t>(begin), static_cast<size_t>(end)));
  if (value.kind == Kind::List)
    return Value::of(Value::List(value.list->begin() + begin, value.list->begin() + end));
  environment.reject("a slice of a value that is neither text nor list");
  return Value();
}

/// What stands behind a backslash; an escape that is none stays as it is.
void Expression::escape(std::string &result) {
  const char c = text[at++];
  const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
  llvm::StringRef number = text.substr(at, digits);
  unsigned code = 0;
  if (digits != 0 && (number.size() != digits || number.getAsInteger(16, code)))
    return environment.fail("'\\" + llvm::Twine(c) + "' without its " + llvm::Twine(digits) +
                            " hexadecimal digits");
  if (digits != 0) {
    at += digits;
    llvm::UTF8 bytes[UNI_MAX_UTF8_BYTES_PER_CODE_POINT];
    char *end = reinterpret_cast<char *>(bytes);
    if (llvm::ConvertCodePointToUTF8(code, end))
      result.append(reinterpret_cast<char *>(bytes), end);
    else
      environment.fail("'" + number + "' is no character");
    return;
  }
  constexpr llvm::StringLiteral from = "ntr\\'\"", to = "\n\t\r\\'\"";
  if (const size_t known = from.find(c); known != llvm::StringRef::npos)
    result += to[known];
  else if (c == '\n')
    return; // the line goes on
  else if (llvm::StringRef("abfvUN01234567").contains(c))
    environment.fail("escape '\\" + llvm::Twine(c) + "' is not supported");
  else
    (result += '\\') += c;
}

Value Expression::stringLiteral() {
  char quote = text[at++];
  std::string result;
  while (at < text.size() && text[at] != quote) {
    char c = text[at++];
    if (c == '\\' && at < text.size()) {
      escape(result);
      continue;
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
      environment.canHold(elements.back());
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
      if (key.kind != Kind::String)
        environment.reject("a key that is no text is not supported");
      Value value = ternary();
      environment.canHold(value);
      members[key.string] = std::move(value);
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
    environment.reject("the template refuses: " + (values.empty() ? "" : values[0].print()));
    return Value();
  }
  if ((name == "namespace" || name == "dict") && values.empty()) {
    for (const auto &member : named)
      environment.canHold(member.second);
    Value map = Value::of(std::move(named));
    map.isNamespace = name == "namespace";
    return map;
  }
  environment.reject("function '" + name + "' is not supported");
  return Value();
}

} // namespace ingot::jinja
