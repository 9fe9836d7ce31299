//===- ZipDirectory.h - The central directory of a ZIP archive ------------===//
#ifndef INGOT_COMPILER_IMPORT_ZIPDIRECTORY_H
#define INGOT_COMPILER_IMPORT_ZIPDIRECTORY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <vector>

namespace ingot::zip {

constexpr uint16_t descriptorFlag = 0x0008; ///< sizes stand behind the bytes

/// A record as the central directory describes it. Method and flags are ones
/// that Ingot reads; size and offset are the file's word.
struct Entry {
  llvm::StringRef name;
  uint16_t flags;
  uint32_t crc;
  uint64_t size;
  uint64_t localOffset;
};

struct Directory {
  uint64_t offset; ///< at most the size of the file
  std::vector<Entry> entries;
};

/// Reads the end records and the directory, which fill the end of the file. No
/// two entries have one name.
llvm::Expected<Directory> readDirectory(llvm::StringRef path, llvm::ArrayRef<uint8_t> bytes);

/// An error about one record: "the record 'a/b' is encrypted at byte 7".
llvm::Error recordError(llvm::StringRef path, llvm::StringRef name, uint64_t byte,
                        const llvm::Twine &message);

/// The data of the ZIP64 field in the extra bytes of a header; empty if there
/// is none.
llvm::Expected<llvm::ArrayRef<uint8_t>>
findZip64(llvm::StringRef path, llvm::ArrayRef<uint8_t> extra, llvm::StringRef name, uint64_t byte);

} // namespace ingot::zip

#endif // INGOT_COMPILER_IMPORT_ZIPDIRECTORY_H
