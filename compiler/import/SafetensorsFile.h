//===- SafetensorsFile.h - One checked safetensors file -------------------===//
#ifndef INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H
#define INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/WeightSource.h"

#include "llvm/Support/Error.h"

#include <memory>
#include <vector>

namespace ingot {

struct SafetensorsFile {
  std::unique_ptr<MappedFile> file;
  std::vector<TensorView> views; ///< in the order of their bytes

  static llvm::Expected<SafetensorsFile> open(llvm::StringRef path, TensorNames names);
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H
