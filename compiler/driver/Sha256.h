//===- Sha256.h - SHA-256 of texts and files --------------------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_SHA256_H
#define INGOT_COMPILER_DRIVER_SHA256_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

/// 64 lower-case hexadecimal digits.
std::string sha256Hex(llvm::StringRef bytes);

/// The same of a file, which is read in pieces.
llvm::Expected<std::string> sha256OfFile(llvm::StringRef path);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_SHA256_H
