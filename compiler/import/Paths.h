//===- Paths.h - Paths of model files -------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_PATHS_H
#define INGOT_COMPILER_IMPORT_PATHS_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace ingot {

/// `path` made absolute against `base` (the working directory when empty), with
/// the folder's links resolved where the folder exists: two ways to say one
/// file give one text. The last component stays as it is, for its name may
/// carry the extension that a link's target lacks.
std::string absolutePath(llvm::StringRef path, llvm::StringRef base = "");

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_PATHS_H
