//===- TemplateExpression.cpp - Operators of a chat template's expressions ===//

#include "compiler/import/tokenizer/TemplateExpression.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

namespace ingot::jinja {

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

Value Expression::maybe(Value (Expression::*operand)(), bool skip) {
  environment.skipping += skip;
  Value value = (this->*operand)();
  environment.skipping -= skip;
  return value;
}

Value Expression::ternary() {
  ++depth;
  Value result;
  if (enter()) {
    // The condition stands behind the operand that it chooses: the operand is
    // only read first, and evaluated once the condition is known.
    const size_t begin = at;
    const bool reading = environment.skipping > 0;
    maybe(&Expression::logicalOr, true);
    const bool chooses = acceptWord("if");
    const bool condition = !chooses || logicalOr().truthy();
    const size_t afterCondition = at;
    if (condition && !reading) {
      at = begin;
      result = logicalOr();
      at = chooses ? afterCondition : at;
    }
    if (chooses && acceptWord("else")) {
      Value otherwise = maybe(&Expression::ternary, condition);
      result = condition ? result : otherwise;
    }
  }
  --depth;
  return result;
}

Value Expression::logicalOr() {
  Value left = logicalAnd();
  while (environment.spend() && acceptWord("or")) {
    Value right = maybe(&Expression::logicalAnd, left.truthy());
    left = left.truthy() ? left : right;
  }
  return left;
}

Value Expression::logicalAnd() {
  Value left = logicalNot();
  while (environment.spend() && acceptWord("and")) {
    Value right = maybe(&Expression::logicalNot, !left.truthy());
    left = left.truthy() ? right : left;
  }
  return left;
}

Value Expression::logicalNot() {
  int count = 0;
  while (environment.spend() && acceptWord("not"))
    ++count;
  Value value = comparison();
  return count == 0 ? value : Value::of(value.truthy() == (count % 2 == 0));
}

/// Whether both are numbers; Python's truth values are numbers too.
bool Expression::numbers(const Value &a, const Value &b, llvm::StringRef what) {
  if (a.isNumber() && b.isNumber())
    return true;
  environment.reject("'" + what + "' of values that are not both numbers");
  return false;
}

bool Expression::contains(const Value &container, const Value &item) {
  if (container.kind == Value::Kind::String && item.kind == Value::Kind::String)
    return llvm::StringRef(container.string).contains(item.string);
  if (container.kind == Value::Kind::Map && item.kind == Value::Kind::String)
    return container.map->count(item.string);
  if (container.kind == Value::Kind::List) {
    for (const Value &element : *container.list)
      if (environment.spend() && environment.equal(element, item))
        return true;
  } else if (container.kind != Value::Kind::Undefined) {
    environment.reject("'in' a value that is neither text, list nor map");
  }
  return false;
}

bool Expression::less(const Value &a, const Value &b) {
  if (a.kind == Value::Kind::String && b.kind == Value::Kind::String)
    return a.string < b.string;
  return numbers(a, b, "<") && a.number() < b.number();
}

/// One comparison, or a chain of them: a < b < c is a < b and b < c.
Value Expression::comparison() {
  Value left = sum();
  bool holds = true, compared = false;
  while (environment.spend()) {
    if (acceptWord("is")) {
      left = test(compared ? Value::of(holds) : left);
      compared = false;
      holds = true;
      continue;
    }
    const size_t before = at;
    llvm::StringRef found;
    for (llvm::StringRef symbol : {"==", "!=", "<=", ">=", "<", ">"})
      if (found.empty() && accept(symbol))
        found = symbol;
    if (found.empty() && acceptWord("in"))
      found = "in";
    if (found.empty() && acceptWord("not") && acceptWord("in"))
      found = "not in";
    if (found.empty()) {
      at = before;
      break;
    }
    Value right = maybe(&Expression::sum, !holds);
    compared = true;
    if (holds)
      holds = found == "=="   ? environment.equal(left, right)
              : found == "!=" ? !environment.equal(left, right)
              : found == "<=" ? !less(right, left)
              : found == ">=" ? !less(left, right)
              : found == "<"  ? less(left, right)
              : found == ">"  ? less(right, left)
              : found == "in" ? contains(right, left)
                              : !contains(right, left);
    left = std::move(right);
  }
  return compared ? Value::of(holds) : left;
}

/// + and -; '~' binds tighter, as in Jinja.
Value Expression::sum() {
  Value left = concatenation();
  while (environment.spend()) {
    if (accept("+")) {
      Value right = concatenation();
      int64_t result = 0;
      if (left.kind == Value::Kind::String && right.kind == Value::Kind::String)
        left = environment.text(left.string + right.string);
      else if (left.kind == Value::Kind::List && right.kind == Value::Kind::List)
        left = joined(left, right);
      else if (!numbers(left, right, "+"))
        left = Value();
      else if (llvm::AddOverflow(left.number(), right.number(), result))
        environment.reject("a number is out of range");
      else
        left = Value::of(result);
    } else if (accept("-")) {
      Value right = concatenation();
      int64_t result = 0;
      if (numbers(left, right, "-") && llvm::SubOverflow(left.number(), right.number(), result))
        environment.reject("a number is out of range");
      left = Value::of(result);
    } else {
      break;
    }
  }
  return left;
}

Value Expression::joined(const Value &left, const Value &right) {
  Value::List all = *left.list;
  all.insert(all.end(), right.list->begin(), right.list->end());
  environment.steps -= static_cast<int64_t>(all.size());
  return Value::of(std::move(all));
}

Value Expression::concatenation() {
  Value left = product();
  while (environment.spend() && accept("~")) {
    Value right = product();
    left = environment.text(environment.print(left) + environment.print(right));
  }
  return left;
}

Value Expression::product() {
  Value left = unary();
  while (environment.spend()) {
    int64_t result = 0;
    if (accept("%")) {
      Value right = unary();
      if (!numbers(left, right, "%") || right.number() <= 0)
        environment.reject("'%' by a number that is not positive");
      else
        result = ((left.number() % right.number()) + right.number()) % right.number();
    } else if (accept("//")) {
      Value right = unary();
      if (!numbers(left, right, "//") || right.number() <= 0)
        environment.reject("'//' by a number that is not positive");
      else
        result = llvm::divideFloorSigned(left.number(), right.number());
    } else if (accept("*")) {
      Value right = unary();
      if (numbers(left, right, "*") && llvm::MulOverflow(left.number(), right.number(), result))
        environment.reject("a number is out of range");
    } else {
      break;
    }
    left = Value::of(result);
  }
  return left;
}

/// A filter takes the operand with its sign.
Value Expression::unary() {
  const bool negate = accept("-");
  Value value = postfix();
  if (negate) {
    int64_t result = 0;
    if (numbers(value, value, "-") && llvm::SubOverflow<int64_t>(0, value.number(), result))
      environment.reject("a number is out of range");
    value = Value::of(result);
  }
  while (environment.spend() && accept("|"))
    value = filter(value);
  return value;
}

} // namespace ingot::jinja
