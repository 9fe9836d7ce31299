//===- Protobuf.h - Reading the fields of a protocol buffer ---------------===//
//
// The wire format, a field at a time and in place: a message inside is a range
// of bytes that the caller reads with another reader, so nothing recurses and
// nothing is allocated. Every length is compared with the bytes that are left.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_PROTOBUF_H
#define INGOT_COMPILER_IMPORT_PROTOBUF_H

#include "compiler/import/BinaryReader.h"
#include "compiler/import/ImportError.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>

namespace ingot {

enum class ProtoWire : uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

struct ProtoField {
  uint32_t number = 0;
  ProtoWire wire = ProtoWire::Varint;
  uint64_t value = 0;            ///< of a varint or a fixed number
  llvm::ArrayRef<uint8_t> bytes; ///< of a string or a message
  uint64_t position = 0;         ///< of its tag in the file
  uint64_t inside = 0;           ///< of `bytes` in the file

  llvm::StringRef text() const {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
  }
};

/// The accessors' error names the field; all take it from the reader that made
/// it.
class ProtoReader {
public:
  /// `base` is the place of `bytes` in the file, `what` the message's name.
  ProtoReader(llvm::StringRef file, llvm::StringRef what, llvm::ArrayRef<uint8_t> bytes,
              uint64_t base)
      : file(file), what(what), reader(bytes), base(base) {}

  /// The next field; false at the end of the message.
  llvm::Expected<bool> next(ProtoField &field);

  llvm::Expected<bool> asBool(const ProtoField &field, llvm::StringRef name) const;
  /// A number from `least` to `most`.
  llvm::Expected<uint64_t> asNumber(const ProtoField &field, llvm::StringRef name, uint64_t least,
                                    uint64_t most) const;
  llvm::Expected<float> asFloat(const ProtoField &field, llvm::StringRef name) const; ///< finite
  llvm::Expected<llvm::StringRef> asText(const ProtoField &field, llvm::StringRef name) const;
  llvm::Expected<llvm::ArrayRef<uint8_t>> asBytes(const ProtoField &field,
                                                  llvm::StringRef name) const;

  llvm::Error error(uint64_t position, const llvm::Twine &message) const {
    return malformed({file.str(), 0, 0, position}, message);
  }

private:
  llvm::Error expectWire(const ProtoField &field, llvm::StringRef name, ProtoWire wire) const;
  llvm::Expected<uint64_t> varint();

  llvm::StringRef file, what;
  BinaryReader reader;
  uint64_t base;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_PROTOBUF_H
