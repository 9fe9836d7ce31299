//===- Files.h - Files and folders that report their errors -----*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_FILES_H
#define INGOT_COMPILER_DRIVER_FILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// `folder`/`name`; `folder` when the name is empty.
std::string joinPath(llvm::StringRef folder, llvm::StringRef name);

llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes);
llvm::Expected<std::string> readFile(llvm::StringRef path);
llvm::Error copyFile(llvm::StringRef from, llvm::StringRef to);

/// Makes the folder and those above it that are missing.
llvm::Error makeFolder(llvm::StringRef path);

/// Removes a file or a whole tree; what is not there is fine.
llvm::Error removeTree(llvm::StringRef path);

/// Makes every file and folder of the tree durable.
llvm::Error syncTree(llvm::StringRef path);
llvm::Error syncFolder(llvm::StringRef path);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_FILES_H
