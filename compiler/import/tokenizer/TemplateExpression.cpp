//===- TemplateExpression.cpp - Operators of a chat template's expressions ===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

namespace ingot::jinja {

static constexpr int kDepth = 64;

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

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static bool isWordChar(char c) { return llvm::isAlnum(c) || c == '_'; }

void Expression::skipSpace() {
  while (at < text.size() && llvm::isSpace(text[at]))
    ++at;
}

bool Expression::accept(llvm::StringRef symbol) {
  skipSpace();
  if (!text.substr(at).starts_with(symbol))
    return false;
  at += symbol.size();
  return true;
}

bool Expression::acceptWord(llvm::StringRef word) {
  skipSpace();
  llvm::StringRef rest = text.substr(at);
  if (!rest.starts_with(word) || (rest.size() > word.size() && isWordChar(rest[word.size()])))
    return false;
  at += word.size();
  return true;
}

void Expression::expect(llvm::StringRef symbol) {
  if (!accept(symbol))
    environment.fail("expected '" + symbol + "' in '" + text + "'");
}

std::string Expression::identifier() {
  skipSpace();
  size_t begin = at;
  while (at < text.size() && isWordChar(text[at]))
    ++at;
  return text.slice(begin, at).str();
}

bool Expression::enter() {
  if (depth >= kDepth)
    environment.fail("an expression is nested deeper than " + llvm::Twine(kDepth));
  return environment.spend();
}

//===----------------------------------------------------------------------===//
// Operators, weakest first
//===----------------------------------------------------------------------===//

Value Expression::evaluateAll() {
  Value value = ternary();
  skipSpace();
  if (at != text.size())
    environment.fail("unexpected '" + text.substr(at) + "' in '" + text + "'");
  return value;
}

Value Expression::ternary() {
  ++depth;
  Value result;
  if (enter()) {
    result = logicalOr();
    if (acceptWord("if")) {
      bool condition = logicalOr().truthy();
      Value otherwise;
      if (acceptWord("else"))
        otherwise = ternary();
      result = condition ? result : otherwise;
    }
  }
  --depth;
  return result;
}

Value Expression::logicalOr() {
  Value left = logicalAnd();
  while (environment.spend() && acceptWord("or")) {
    Value right = logicalAnd();
    left = left.truthy() ? left : right;
  }
  return left;
}

Value Expression::logicalAnd() {
  Value left = logicalNot();
  while (environment.spend() && acceptWord("and")) {
    Value right = logicalNot();
    left = left.truthy() ? right : left;
  }
  return left;
}

Value Expression::logicalNot() {
  bool negate = false;
  while (environment.spend() && acceptWord("not"))
    negate = !negate;
  Value value = comparison();
  return negate ? Value::of(!value.truthy()) : value;
}

static bool contains(const Value &container, const Value &item) {
  if (container.kind == Value::Kind::String)
    return item.kind == Value::Kind::String &&
           llvm::StringRef(container.string).contains(item.string);
  if (container.kind == Value::Kind::Map)
    return item.kind == Value::Kind::String && container.map->count(item.string);
  if (container.kind != Value::Kind::List)
    return false;
  for (const Value &element : *container.list)
    if (element.equals(item))
      return true;
  return false;
}

static bool less(const Value &a, const Value &b) {
  if (a.kind == Value::Kind::String && b.kind == Value::Kind::String)
    return a.string < b.string;
  return a.integer < b.integer;
}

Value Expression::comparison() {
  Value left = sum();
  while (environment.spend()) {
    if (accept("=="))
      left = Value::of(left.equals(sum()));
    else if (accept("!="))
      left = Value::of(!left.equals(sum()));
    else if (accept("<="))
      left = Value::of(!less(sum(), left));
    else if (accept(">="))
      left = Value::of(!less(left, sum()));
    else if (accept("<"))
      left = Value::of(less(left, sum()));
    else if (accept(">"))
      left = Value::of(less(sum(), left));
    else if (acceptWord("is"))
      left = test(left);
    else if (acceptWord("in"))
      left = Value::of(contains(sum(), left));
    else {
      size_t before = at;
      if (acceptWord("not") && acceptWord("in")) {
        left = Value::of(!contains(sum(), left));
        continue;
      }
      at = before;
      break;
    }
  }
  return left;
}

Value Expression::sum() {
  Value left = product();
  while (environment.spend()) {
    skipSpace();
    if (accept("~")) {
      left = Value::of(left.print() + product().print());
    } else if (accept("+")) {
      Value right = product();
      if (left.kind == Value::Kind::String && right.kind == Value::Kind::String)
        left = Value::of(left.string + right.string);
      else if (left.kind == Value::Kind::Int && right.kind == Value::Kind::Int)
        left =
            Value::of(llvm::AddOverflow(left.integer, right.integer, left.integer) ? int64_t(0)
                                                                                   : left.integer);
      else
        environment.fail("'+' of values of other types than two strings or numbers");
      if (left.string.size() > (1u << 20))
        environment.fail("a text is longer than 1 MiB");
    } else if (text.substr(at).starts_with("-") && !text.substr(at).starts_with("-%")) {
      ++at;
      Value right = product();
      int64_t difference = 0;
      if (llvm::SubOverflow(left.integer, right.integer, difference))
        environment.fail("a number is out of range");
      left = Value::of(difference);
    } else {
      break;
    }
  }
  return left;
}

Value Expression::product() {
  Value left = unary();
  while (environment.spend()) {
    if (accept("%")) {
      Value right = unary();
      if (right.integer <= 0)
        environment.fail("'%' by a number that is not positive");
      else
        left = Value::of(((left.integer % right.integer) + right.integer) % right.integer);
    } else if (accept("*")) {
      Value right = unary();
      int64_t result = 0;
      if (llvm::MulOverflow(left.integer, right.integer, result))
        environment.fail("a number is out of range");
      left = Value::of(result);
    } else {
      break;
    }
  }
  return left;
}

Value Expression::unary() {
  if (accept("-")) {
    Value value = postfix();
    return Value::of(value.integer == INT64_MIN ? int64_t(0) : -value.integer);
  }
  Value value = postfix();
  while (environment.spend() && accept("|"))
    value = filter(value);
  return value;
}

} // namespace ingot::jinja
