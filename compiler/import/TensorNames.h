//===- TensorNames.h - The tensors of an architecture, and their names ----===//
//
// Tensors are addressed by their Hugging Face names everywhere behind the
// importers. This file knows which tensors an architecture has and what GGUF
// calls them.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TENSORNAMES_H
#define INGOT_COMPILER_IMPORT_TENSORNAMES_H

#include "compiler/import/ArchSpec.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace ingot {

/// An extent and the keys of the architecture that decide it.
struct ExpectedExtent {
  int64_t value;
  llvm::StringLiteral from; ///< "'num_heads' and 'head_dim'"
};

struct ExpectedTensor {
  std::string name;                             ///< canonical
  llvm::SmallVector<ExpectedExtent, 2> extents; ///< [rows, cols], or [n] for a norm

  bool isNorm() const { return extents.size() == 1; }
};

/// Every tensor that a model of this architecture needs, in order of use.
std::vector<ExpectedTensor> expectedTensors(const ArchSpec &arch);

/// The canonical name of a GGUF tensor; the name itself if it is none that
/// architecture llama has.
std::string canonicalFromGguf(llvm::StringRef ggufName);

/// The way back.
std::string ggufFromCanonical(llvm::StringRef canonicalName);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TENSORNAMES_H
