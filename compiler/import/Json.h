//===- Json.h - Strict JSON, read in place --------------------------------===//
//
// A document is scanned once for everything that can be wrong with it: grammar,
// UTF-8, depth, duplicate keys. Afterwards values are read where they lie in
// the text, without a tree: memory stays far below the size of the file, and
// every value knows its place for diagnostics.
//
// Strict means: no byte order mark, no comments, no trailing commas, at most 64
// levels, no key twice in one object (two parsers would read two models), no
// unpaired surrogates.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_JSON_H
#define INGOT_COMPILER_IMPORT_JSON_H

#include "compiler/import/ImportError.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ingot {

class JsonDocument;

enum class JsonKind : uint8_t { Null, Bool, Number, String, Array, Object };

/// A value inside a document, which must outlive it.
class JsonValue {
public:
  JsonKind kind() const;
  llvm::StringRef kindName() const; ///< "a string"
  SourceLocation where() const;

  /// What an error shows: the text of a scalar, "an array", "an object".
  std::string shown() const;

  bool isNull() const { return kind() == JsonKind::Null; }
  std::optional<bool> asBool() const;
  std::optional<uint64_t> asUnsigned() const; ///< digits only, no fraction or exponent
  std::optional<int64_t> asSigned() const;
  std::optional<double> asDouble() const;      ///< finite
  std::optional<std::string> asString() const; ///< escapes resolved

  using MemberVisitor = llvm::function_ref<llvm::Error(JsonValue key, JsonValue value)>;
  using ElementVisitor = llvm::function_ref<llvm::Error(JsonValue element)>;

  /// Calls `visit` in order, until it fails. Only for objects and arrays.
  llvm::Error forEachMember(MemberVisitor visit) const;
  llvm::Error forEachElement(ElementVisitor visit) const;

  /// The member of that key; nothing if there is none or this is no object.
  std::optional<JsonValue> find(llvm::StringRef key) const;

private:
  friend class JsonDocument;
  JsonValue(const JsonDocument &document, size_t begin) : document(&document), begin(begin) {}

  llvm::StringRef scalarText() const;

  const JsonDocument *document;
  size_t begin;
};

class JsonDocument {
public:
  /// Scans `text`, which must outlive the document. Places are lines and
  /// columns of `file`, or bytes after `base` if the text is a part of a
  /// binary file.
  static llvm::Expected<JsonDocument> scan(std::string file, llvm::StringRef text,
                                           std::optional<uint64_t> base = std::nullopt);

  JsonValue root() const;
  llvm::StringRef text() const { return content; }
  SourceLocation locate(size_t offset) const;

private:
  JsonDocument(std::string file, llvm::StringRef text, std::optional<uint64_t> base)
      : file(std::move(file)), content(text), base(base) {}

  std::string file;
  llvm::StringRef content;
  std::optional<uint64_t> base;
};

/// A JSON file in memory.
struct JsonFile {
  /// Reads and scans the file at `path`, which has at most `limit` bytes and an
  /// object at its root.
  static llvm::Expected<std::unique_ptr<JsonFile>> read(llvm::StringRef path, uint64_t limit);

  JsonValue root() const { return document->root(); }

  std::string text;
  std::optional<JsonDocument> document;
};

namespace json_text {

/// White space of JSON from `offset` on skipped.
size_t skipSpace(llvm::StringRef text, size_t offset);

/// One past the string (at its opening quote) or value that begins at `offset`
/// of scanned text.
size_t endOfString(llvm::StringRef text, size_t offset);
size_t endOfValue(llvm::StringRef text, size_t offset);

/// The string at `offset` of scanned text, escapes resolved.
std::string decodeString(llvm::StringRef text, size_t offset);

} // namespace json_text

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_JSON_H
