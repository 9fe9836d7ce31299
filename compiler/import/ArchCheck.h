//===- ArchCheck.h - The rules that an architecture obeys -----------------===//
//
// One set of rules for every source. The labels C1, C2, ... are those of
// docs/spec/architecture-yaml.md.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_ARCHCHECK_H
#define INGOT_COMPILER_IMPORT_ARCHCHECK_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/ImportError.h"

#include "llvm/ADT/StringMap.h"

namespace ingot {

/// Where the fields of a ModelSpec were read, and what their keys are called
/// there. Fields carry the names of the YAML: "num_kv_heads".
class FieldOrigins {
public:
  explicit FieldOrigins(std::string file) : file(std::move(file)) {}

  void set(llvm::StringRef field, llvm::StringRef key, SourceLocation where);

  /// The place of the field's value; the file alone for one that has a default.
  SourceLocation where(llvm::StringRef field) const;

  /// The field's key in quotes, as the user wrote it.
  std::string key(llvm::StringRef field) const;

  bool has(llvm::StringRef field) const { return origins.contains(field); }

private:
  struct Origin {
    std::string key;
    SourceLocation where;
  };
  std::string file;
  llvm::StringMap<Origin> origins;
};

/// Checks every rule of the architecture.
llvm::Error checkArch(const ArchSpec &arch, const FieldOrigins &origins);

/// checkArch, and that the token ids of the tokenizer are in the vocabulary.
llvm::Error checkModel(const ModelSpec &model, const FieldOrigins &origins);

/// `text` as a model name: lower case, every run outside [a-z0-9] one '-', no
/// '-' at the ends. "model" when nothing is left.
std::string modelNameFrom(llvm::StringRef text);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_ARCHCHECK_H
