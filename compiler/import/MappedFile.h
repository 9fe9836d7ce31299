//===- MappedFile.h - A read-only mapping of a whole file -----------------===//
//
// Weights are never read into memory: they are mapped, checked and streamed.
//
// A mapping is only as good as the file under it. When another process cuts
// the file short while it is mapped, touching the lost pages raises SIGBUS;
// no reader of mapped files can turn that into an error without copying. The
// promise "an error or a correct library" is about bytes that stay what they
// are while a compile runs.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_MAPPEDFILE_H
#define INGOT_COMPILER_IMPORT_MAPPEDFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace ingot {

class MappedFile {
public:
  /// Maps the regular file at `path` (symbolic links are followed).
  static llvm::Expected<std::unique_ptr<MappedFile>> open(llvm::StringRef path);

  ~MappedFile();
  MappedFile(const MappedFile &) = delete;
  MappedFile &operator=(const MappedFile &) = delete;

  llvm::StringRef path() const { return name; }
  llvm::ArrayRef<uint8_t> bytes() const { return mapping; }

  /// Tells the kernel that `part` of bytes() will not be needed again: its
  /// whole pages leave memory, and come back from the file if read anyway.
  void release(llvm::ArrayRef<uint8_t> part) const;

private:
  MappedFile(std::string name, llvm::ArrayRef<uint8_t> mapping)
      : name(std::move(name)), mapping(mapping) {}

  std::string name;
  llvm::ArrayRef<uint8_t> mapping;
};

/// Reads a text file whole. One that is longer than `limit` bytes or is not
/// UTF-8 is an error.
llvm::Expected<std::string> readTextFile(llvm::StringRef path, uint64_t limit);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_MAPPEDFILE_H
