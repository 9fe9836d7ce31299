//===- ZipArchive.h - The records of a ZIP archive, in place --------------===//
//
//   local header, name, extra | bytes | (descriptor)     one a record, without gaps
//   central header, name, extra                          one a record
//   (end record of ZIP64, its locator) | end record      the last byte of the file
//
// A ZIP says everything twice, and readers that believe different copies read
// different archives. Here both copies must agree, and every byte of the file
// belongs to exactly one of the parts above: no record overlaps another, none
// hides between or before or behind them, no name stands twice, no comment is
// there. Records are stored, never compressed or encrypted, so a record is a
// slice of the file and nothing is unpacked: there is no bomb to unpack.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_ZIPARCHIVE_H
#define INGOT_COMPILER_IMPORT_ZIPARCHIVE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace ingot {

struct ZipRecord {
  llvm::StringRef name; ///< relative, without '.', '..' or empty parts
  llvm::ArrayRef<uint8_t> bytes;
  uint32_t crc; ///< as the archive says it; not compared with the bytes
};

/// The records of the archive `bytes`, in the order of their bytes. Names and
/// records are views; `path` is for diagnostics.
llvm::Expected<std::vector<ZipRecord>> readZipArchive(llvm::StringRef path,
                                                      llvm::ArrayRef<uint8_t> bytes);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_ZIPARCHIVE_H
