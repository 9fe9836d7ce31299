//===- ArchitectureYaml.h - The architecture YAML, read and written -------===//
//
// The format is specified in docs/spec/architecture-yaml.md.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_ARCHITECTUREYAML_H
#define INGOT_COMPILER_IMPORT_ARCHITECTUREYAML_H

#include "compiler/import/ArchSpec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// Reads and checks the file at `path`. Paths in it are relative to it; what
/// they name need not exist, but what a GGUF tokenizer says fills in the keys
/// that the YAML leaves out.
llvm::Expected<ModelSpec> readArchitectureYaml(llvm::StringRef path);

/// The resolved YAML: every key written out, in one order. Files inside
/// `outputDir` (absolute) are named relative to it, all others absolutely.
/// Reading the result from that folder gives `model` back.
std::string writeArchitectureYaml(const ModelSpec &model, llvm::StringRef outputDir);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_ARCHITECTUREYAML_H
