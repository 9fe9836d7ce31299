//===- ZipFields.h - The fixed parts of a ZIP archive ---------------------===//
//
// Offsets are those of PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_ZIPFIELDS_H
#define INGOT_COMPILER_IMPORT_ZIPFIELDS_H

#include "compiler/import/Checked.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Endian.h"

#include <cstdint>

namespace ingot::zip {

/// A number of `Width` bytes at `offset` of a part.
template <typename Width> struct Field {
  size_t offset;

  Width of(llvm::ArrayRef<uint8_t> part) const {
    return llvm::support::endian::read<Width>(part.slice(offset, sizeof(Width)).data(),
                                              llvm::endianness::little);
  }
};
using U16 = Field<uint16_t>;
using U32 = Field<uint32_t>;
using U64 = Field<uint64_t>;

/// A number that does not fit is all ones here and stands in a wider copy.
constexpr uint16_t wide16 = 0xffff;
constexpr uint32_t wide32 = 0xffffffff;

constexpr U32 signature{0}; ///< of every part

struct Local {
  static constexpr uint32_t mark = 0x04034b50;
  static constexpr size_t size = 30;
  static constexpr U16 flags{6}, method{8}, nameLength{26}, extraLength{28};
  static constexpr U32 crc{14}, packed{18}, unpacked{22};
};

/// Behind a record whose sizes were not known when its local header was
/// written; the sizes have four or eight bytes.
struct Descriptor {
  static constexpr uint32_t mark = 0x08074b50;
  static constexpr size_t size32 = 16, size64 = 24;
  static constexpr U32 crc{4};
  static constexpr U32 packed32{8}, unpacked32{12};
  static constexpr U64 packed64{8}, unpacked64{16};
};

struct Central {
  static constexpr uint32_t mark = 0x02014b50;
  static constexpr size_t size = 46;
  static constexpr U16 flags{8}, method{10}, nameLength{28}, extraLength{30}, commentLength{32},
      disk{34};
  static constexpr U32 crc{16}, packed{20}, unpacked{24}, localOffset{42};
};

/// One field of the extra bytes of a header.
struct Extra {
  static constexpr size_t size = 4;
  static constexpr uint16_t zip64 = 1;
  static constexpr U16 tag{0}, length{2};
};

struct End {
  static constexpr uint32_t mark = 0x06054b50;
  static constexpr size_t size = 22;
  static constexpr U16 disk{4}, directoryDisk{6}, entriesHere{8}, entries{10}, commentLength{20};
  static constexpr U32 directorySize{12}, directoryOffset{16};
};

struct End64 {
  static constexpr uint32_t mark = 0x06064b50;
  static constexpr size_t size = 56;
  static constexpr U64 sizeBehind{4}, entriesHere{24}, entries{32}, directorySize{40},
      directoryOffset{48};
  static constexpr U32 disk{16}, directoryDisk{20};
};

struct Locator {
  static constexpr uint32_t mark = 0x07064b50;
  static constexpr size_t size = 20;
  static constexpr U32 disk{4}, disks{16};
  static constexpr U64 end64Offset{8};
};

} // namespace ingot::zip

#endif // INGOT_COMPILER_IMPORT_ZIPFIELDS_H
