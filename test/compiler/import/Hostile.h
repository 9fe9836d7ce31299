//===- Hostile.h - What a reader may do with any bytes --------------------===//
#ifndef INGOT_TEST_COMPILER_IMPORT_HOSTILE_H
#define INGOT_TEST_COMPILER_IMPORT_HOSTILE_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace ingot::test {

enum class Kind { Gguf, Safetensors, Index, Yaml, Config, Torch };

/// Reads `bytes` as a model or a part of one, all the way to its tensors'
/// numbers. Returns whether it was accepted. Fails the test when the reader
/// allocates more than 4 times the file and 16 MiB, or when it refuses without
/// an error in the house's form.
bool readHostile(Kind kind, llvm::StringRef bytes);

} // namespace ingot::test

#endif // INGOT_TEST_COMPILER_IMPORT_HOSTILE_H
