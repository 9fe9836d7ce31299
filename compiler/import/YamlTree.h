//===- YamlTree.h - The part of YAML that describes a model ---------------===//
//
// A tree with the place of every key and value. Anchors, aliases, merge keys,
// tags, duplicate keys, keys that are no scalars, a second document and deep
// nesting are refused while yaml-cpp parses: what they could express, a model
// does not need, and each has been used to make two readers disagree or one of
// them explode.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_YAMLTREE_H
#define INGOT_COMPILER_IMPORT_YAMLTREE_H

#include "compiler/import/ImportError.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

struct YamlNode {
  enum class Kind : uint8_t { Null, Scalar, Sequence, Map };

  Kind kind = Kind::Null;
  bool plain = true; ///< a scalar without quotes, which may be a number or a truth value
  unsigned line = 0, column = 0;
  unsigned keyLine = 0, keyColumn = 0; ///< of the key, for a value in a map
  std::string key;
  std::string text;            ///< of a scalar
  std::vector<YamlNode> items; ///< of a sequence or map

  /// What an error shows: the text of a scalar, "a list", "a map", "nothing".
  std::string shown() const;
};

/// Longest YAML file that is read: an architecture with a long chat template.
inline constexpr uint64_t maxYamlBytes = 256 * 1024;

/// Most of the characters "[]{},:-?" that a file has, inside strings or not.
/// yaml-cpp makes a token of some 240 bytes of each and may keep them all.
inline constexpr uint64_t maxYamlMarks = 32768;

uint64_t countYamlMarks(llvm::StringRef text);

/// Parses `text`; `file` is its name in diagnostics.
llvm::Expected<YamlNode> parseYaml(llvm::StringRef file, llvm::StringRef text);

/// Typed reading of one map, whose keys are all known.
class YamlMap {
public:
  /// Refuses a node that is no map, and every key that is not `known`. `path`
  /// is what the map is called in errors, "architecture", or empty for the
  /// whole file; `node` must outlive the result.
  static llvm::Expected<YamlMap> from(llvm::StringRef file, const YamlNode &node,
                                      llvm::StringRef path, llvm::ArrayRef<llvm::StringRef> known);

  SourceLocation where() const { return locate(*node); }
  SourceLocation locate(const YamlNode &value) const { return {file, value.line, value.column}; }

  /// The value of `key`, or null.
  const YamlNode *find(llvm::StringRef key) const;

  /// The value of `key`, or an error.
  llvm::Expected<const YamlNode *> require(llvm::StringRef key) const;

  llvm::Expected<int64_t> integer(const YamlNode &value) const;
  llvm::Expected<double> number(const YamlNode &value) const;
  llvm::Expected<bool> truth(const YamlNode &value) const;
  llvm::Expected<llvm::StringRef> string(const YamlNode &value) const;

  /// "'key' is X, expected Y" at the value.
  llvm::Error mismatch(const YamlNode &value, const llvm::Twine &expected) const;

private:
  YamlMap(std::string file, const YamlNode &node, std::string path)
      : file(std::move(file)), node(&node), path(std::move(path)) {}

  std::string file;
  const YamlNode *node;
  std::string path;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_YAMLTREE_H
