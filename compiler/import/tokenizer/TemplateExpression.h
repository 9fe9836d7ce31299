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

/// Variables by scope, and what an evaluation may still spend. The first error
/// stays; everything after it is undefined.
struct Environment {
  std::vector<Value::Map> scopes{1};
  int64_t steps = 200000;
  std::string error;

  Value lookup(const std::string &name) const;
  /// Counts a step; false when the budget is spent or an error has happened.
  bool spend();
  void fail(const llvm::Twine &why);
};

class Expression {
public:
  Expression(llvm::StringRef text, Environment &environment)
      : text(text), environment(environment) {}

  /// The value of the whole text.
  Value evaluateAll();

private:
  Value ternary();
  Value logicalOr();
  Value logicalAnd();
  Value logicalNot();
  Value comparison();
  Value sum();
  Value product();
  Value unary();
  Value postfix();
  Value primary();
  Value stringLiteral();
  Value slice(const Value &value, const Value *first);
  Value test(const Value &value);
  Value filter(const Value &value);
  Value method(const Value &value, const std::string &name);
  Value call(const std::string &name);
  /// Arguments up to the closing bracket; keyword arguments go into `named`.
  std::vector<Value> arguments(Value::Map *named = nullptr);

  void skipSpace();
  bool accept(llvm::StringRef symbol);
  bool acceptWord(llvm::StringRef word);
  void expect(llvm::StringRef symbol);
  std::string identifier();
  bool enter();

  llvm::StringRef text;
  Environment &environment;
  size_t at = 0;
  int depth = 0;
};

} // namespace ingot::jinja

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEEXPRESSION_H
