//===- TemplateValue.h - Values of a chat template ------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEVALUE_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEVALUE_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ingot::jinja {

/// A value of Jinja's little language. Lists and maps are shared, as in Python;
/// they never change, but for namespaces.
struct Value {
  enum class Kind : uint8_t { Undefined, None, Bool, Int, String, List, Map };
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value>;

  Kind kind = Kind::Undefined;
  bool boolean = false;
  bool isNamespace = false; ///< a map that `set` changes
  int depth = 0;            ///< of lists and maps inside each other
  int64_t integer = 0;
  std::string string;
  std::shared_ptr<List> list;
  std::shared_ptr<Map> map;

  static Value none();
  static Value of(bool value);
  static Value of(int64_t value);
  static Value of(llvm::StringRef text);
  static Value of(const char *text) { return of(llvm::StringRef(text)); }
  static Value of(List elements);
  static Value of(Map members);

  bool truthy() const;
  /// Python's truth values are numbers too.
  bool isNumber() const { return kind == Kind::Int || kind == Kind::Bool; }
  int64_t number() const { return kind == Kind::Bool ? int64_t(boolean) : integer; }
  /// What {{ }} prints of a value that is no list and no map.
  std::string print() const;
  /// The member or element, or undefined.
  Value member(const Value &key) const;
};

} // namespace ingot::jinja

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEVALUE_H
