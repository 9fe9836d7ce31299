//===- GgmlTypes.h - Tensor types as GGUF numbers them --------------------===//
//
// All types of ggml, supported or not: the layout of a file can only be checked
// when the size of every tensor in it is known.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_GGMLTYPES_H
#define INGOT_COMPILER_IMPORT_GGMLTYPES_H

#include "compiler/import/WeightSource.h"

#include <cstdint>
#include <optional>

namespace ingot {

struct GgmlType {
  uint32_t number;
  llvm::StringRef name;
  uint32_t blockElements; ///< numbers of a row that are encoded together
  uint32_t blockBytes;
  std::optional<TensorType> format; ///< what Ingot calls it, if it reads it
};

/// The type of that number, or null for one that ggml has not (or not any more).
const GgmlType *findGgmlType(uint32_t number);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_GGMLTYPES_H
