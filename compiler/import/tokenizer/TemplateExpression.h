//===- TemplateExpression.h - Expressions of a chat template --------------===//
//
// A recursive-descent evaluator of Jinja expressions. It reads the text of an
// expression each time it is needed: templates are short, and every step counts
// against one budget, which bounds what a hostile template can cost.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEEXPRESSION_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEEXPRESSION_H

#include "compiler/import/tokenizer/TemplateValue.h"

#include "llvm/ADT/Twine.h"

namespace ingot::jinja {

inline constexpr size_t kMaxText = 1 << 20;
inline constexpr int kDepth = 64;

/// Variables by scope, and what an evaluation may still spend. The first error
/// stays; everything after it is undefined.
struct Environment {
  std::vector<Value::Map> scopes{1};
  int64_t steps = 1000000;
  int skipping = 0; ///< operands that are read and not evaluated: `a or b` after a true a
  std::string error;

  Value lookup(const std::string &name) const;
  /// Counts a step; false when the budget is spent or an error has happened.
  bool spend();
  void fail(const llvm::Twine &why);
  /// fail, unless the operand is only read: for what depends on values.
  void reject(const llvm::Twine &why);
  /// What {{ }} prints; lists and maps are rejected.
  std::string print(const Value &value);
  /// A text as a value, within the limit on its length; costs by length.
  Value text(llvm::StringRef value);
  bool equal(const Value &a, const Value &b);
  /// Whether a list, map or namespace may hold it: no namespace, which could
  /// make a ring, and nothing nested so deep that freeing it would overflow.
  bool canHold(const Value &value);
};

class Expression {
public:
  Expression(llvm::StringRef text, Environment &environment)
      : text(text), environment(environment) {}

  /// The value of the whole text.
  Value evaluateAll();
  /// The value of the operand at the start, without a ternary `if`.
  Value evaluateOperand() { return logicalOr(); }
  llvm::StringRef remainder() const { return text.substr(at).trim(); }

private:
  Value ternary();
  Value logicalOr();
  Value logicalAnd();
  Value logicalNot();
  Value comparison();
  Value sum();
  Value product();
  Value unary();
  Value concatenation();
  Value joined(const Value &left, const Value &right);
  bool contains(const Value &container, const Value &item);
  Value postfix();
  Value primary();
  Value stringLiteral();
  bool less(const Value &a, const Value &b);
  void escape(std::string &result);
  Value member(const Value &value, const Value &key);
  Value slice(const Value &value, const Value *first);
  Value test(const Value &value);
  Value filter(const Value &value);
  Value method(const Value &value, const std::string &name);
  Value replaced(llvm::StringRef from, const Value &what, const Value &with);
  Value inCase(llvm::StringRef text, llvm::StringRef name);
  Value toJson(const Value &value);
  Value join(const Value &list, const std::string &between);
  Value split(llvm::StringRef text, const Value *separator);
  Value call(const std::string &name);
  /// Arguments up to the closing bracket; keyword arguments go into `named`.
  std::vector<Value> arguments(Value::Map *named = nullptr);

  void skipSpace();
  bool accept(llvm::StringRef symbol);
  bool acceptWord(llvm::StringRef word);
  void expect(llvm::StringRef symbol);
  std::string identifier();
  bool enter();
  /// Reads an operand and drops its value when `skip`.
  Value maybe(Value (Expression::*operand)(), bool skip);
  bool numbers(const Value &a, const Value &b, llvm::StringRef what);

  llvm::StringRef text;
  Environment &environment;
  size_t at = 0;
  int depth = 0;
};

} // namespace ingot::jinja

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEEXPRESSION_H
