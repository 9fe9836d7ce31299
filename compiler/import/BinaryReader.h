//===- BinaryReader.h - A bounded cursor over little-endian bytes ---------===//
//
// Reads never pass the end, and numbers come back as Checked: what a file says
// is compared before it is used.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_BINARYREADER_H
#define INGOT_COMPILER_IMPORT_BINARYREADER_H

#include "compiler/import/Checked.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Endian.h"

#include <cstdint>
#include <optional>

namespace ingot {

class BinaryReader {
public:
  explicit BinaryReader(llvm::ArrayRef<uint8_t> bytes) : bytes(bytes) {}

  uint64_t position() const { return offset; }
  uint64_t remaining() const { return bytes.size() - offset; }

  /// The next `count` bytes, or nothing if the file ends before.
  std::optional<llvm::ArrayRef<uint8_t>> take(Checked<uint64_t> count) {
    std::optional<uint64_t> n = count.atMost(remaining());
    if (!n)
      return std::nullopt;
    llvm::ArrayRef<uint8_t> part = bytes.slice(offset, *n);
    offset += *n; // at most bytes.size()
    return part;
  }

  /// The next number.
  template <std::unsigned_integral T> std::optional<Checked<uint64_t>> number() {
    std::optional<llvm::ArrayRef<uint8_t>> part = take(sizeof(T));
    if (!part)
      return std::nullopt;
    return Checked<uint64_t>(
        llvm::support::endian::read<T>(part->data(), llvm::endianness::little));
  }

private:
  llvm::ArrayRef<uint8_t> bytes;
  uint64_t offset = 0;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_BINARYREADER_H
