//===- SafetensorsFile.h - One checked safetensors file -------------------===//
#ifndef INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H
#define INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H

#include "compiler/import/TensorFile.h"

namespace ingot {

llvm::Expected<TensorFile> readSafetensorsFile(llvm::StringRef path, TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_SAFETENSORSFILE_H
