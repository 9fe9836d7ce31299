//===- TensorFile.h - One checked weight file -----------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TENSORFILE_H
#define INGOT_COMPILER_IMPORT_TENSORFILE_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace ingot {

/// Bytes of a file with the CRC-32 that the file gives for them.
struct Checksum {
  std::string record; ///< what the file calls them
  llvm::ArrayRef<uint8_t> bytes;
  uint32_t crc;
};

struct TensorFile {
  std::unique_ptr<MappedFile> file;
  std::vector<TensorView> views;   ///< in the order of their bytes
  std::vector<Checksum> checksums; ///< empty for formats that have none
};

/// Reads one kind of container. Every view of the result lies inside its file.
using TensorFileReader = llvm::Expected<TensorFile> (*)(llvm::StringRef path, TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TENSORFILE_H
