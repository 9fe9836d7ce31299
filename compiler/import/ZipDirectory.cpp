#include "compiler/import/ZipDirectory.h"

#include "compiler/import/BinaryReader.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/Numbers.h"
#include "compiler/import/ZipFields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace ingot;
using namespace ingot::zip;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

namespace {

constexpr uint64_t maxRecords = 65536;
constexpr size_t maxNameBytes = 1024;

constexpr uint16_t encryptedFlag = 0x0001, utf8Flag = 0x0800;

class Parser {
public:
  Parser(StringRef path, ArrayRef<uint8_t> bytes) : path(path), bytes(bytes) {}

  llvm::Expected<Directory> parse();

private:
  Error error(uint64_t byte, const Twine &message) const {
    return malformed({path.str(), 0, 0, byte}, message);
  }
  Error record(StringRef name, uint64_t byte, const Twine &message) const {
    return recordError(path, name, byte, message);
  }
  Error refusedRecord(StringRef name, uint64_t byte, const Twine &message) const {
    return unsupported({path.str(), 0, 0, byte}, "the record " + quoted(name) + " " + message);
  }

  Error readEnd();
  Error readEnd64(ArrayRef<uint8_t> end, ArrayRef<uint8_t> locator);
  Error readEntries();
  Error readCentral(BinaryReader &reader);
  Error readMethod(ArrayRef<uint8_t> central, StringRef name, uint64_t at);
  Error readZip64(ArrayRef<uint8_t> extra, ArrayRef<uint8_t> central, Entry &entry, uint64_t at);
  Error checkName(StringRef name, uint64_t at);
  Error checkNamesAreUnique();

  StringRef path;
  ArrayRef<uint8_t> bytes;
  uint64_t count = 0;
  Number offset, size;
  uint64_t endAt = 0; ///< where the end records begin
  Directory directory{};
};

} // namespace

Error zip::recordError(StringRef path, StringRef name, uint64_t byte, const Twine &message) {
  return malformed({path.str(), 0, 0, byte}, "the record " + quoted(name) + " " + message);
}

llvm::Expected<ArrayRef<uint8_t>> zip::findZip64(StringRef path, ArrayRef<uint8_t> extra,
                                                 StringRef name, uint64_t at) {
  BinaryReader reader(extra);
  ArrayRef<uint8_t> found;
  while (reader.remaining() != 0) {
    std::optional<ArrayRef<uint8_t>> head = reader.take(uint64_t(Extra::size));
    std::optional<ArrayRef<uint8_t>> data =
        head ? reader.take(uint64_t(Extra::length.of(*head))) : std::nullopt;
    if (!data)
      return recordError(path, name, at, "has extra bytes that do not end with their last field");
    if (Extra::tag.of(*head) != Extra::zip64)
      continue;
    if (!found.empty())
      return recordError(path, name, at, "has two ZIP64 fields");
    found = *data;
  }
  return found;
}

/// The end record stands at the end and nowhere else: one that is searched for
/// can be found twice, a second archive behind the first.
Error Parser::readEnd() {
  if (bytes.size() < End::size)
    return malformed({path.str()}, "the file has " + Twine(bytes.size()) +
                                       " bytes, expected a ZIP archive's end record of " +
                                       Twine(End::size));
  endAt = bytes.size() - End::size;
  ArrayRef<uint8_t> end = bytes.take_back(End::size);
  if (signature.of(end) != End::mark)
    return error(endAt, "the file does not end with a ZIP archive's end record (it is cut "
                        "short, or has a comment, which is not allowed)");
  if (End::commentLength.of(end) != 0)
    return error(endAt, "the archive has a comment, which is not allowed");
  if (endAt >= Locator::size) {
    ArrayRef<uint8_t> locator = bytes.slice(endAt - Locator::size, Locator::size);
    if (signature.of(locator) == Locator::mark)
      return readEnd64(end, locator);
  }
  if (End::disk.of(end) != 0 || End::directoryDisk.of(end) != 0 ||
      End::entriesHere.of(end) != End::entries.of(end))
    return error(endAt, "the archive is spread over several files");
  count = End::entries.of(end);
  size = End::directorySize.of(end);
  offset = End::directoryOffset.of(end);
  return Error::success();
}

Error Parser::readEnd64(ArrayRef<uint8_t> end, ArrayRef<uint8_t> locator) {
  uint64_t locatorAt = endAt - Locator::size;
  if (locatorAt < End64::size || Locator::end64Offset.of(locator) != locatorAt - End64::size)
    return error(locatorAt, "the ZIP64 end record is at byte " +
                                Twine(Locator::end64Offset.of(locator)) +
                                ", expected it right before this locator");
  endAt = locatorAt - End64::size;
  ArrayRef<uint8_t> end64 = bytes.slice(endAt, End64::size);
  constexpr uint64_t behind = End64::size - 12; // what follows the size itself
  if (signature.of(end64) != End64::mark || End64::sizeBehind.of(end64) != behind)
    return error(endAt, "there is no ZIP64 end record of " + Twine(End64::size) + " bytes");
  if (Locator::disk.of(locator) != 0 || Locator::disks.of(locator) != 1 ||
      End64::disk.of(end64) != 0 || End64::directoryDisk.of(end64) != 0 ||
      End64::entriesHere.of(end64) != End64::entries.of(end64))
    return error(endAt, "the archive is spread over several files");

  count = End64::entries.of(end64);
  size = End64::directorySize.of(end64);
  offset = End64::directoryOffset.of(end64);
  auto agree = [](uint64_t narrow, uint64_t limit, uint64_t wide) {
    return narrow == wide || narrow == limit;
  };
  if (!agree(End::entries.of(end), wide16, count) ||
      !agree(End::entriesHere.of(end), wide16, count) ||
      !agree(End::directorySize.of(end), wide32, End64::directorySize.of(end64)) ||
      !agree(End::directoryOffset.of(end), wide32, End64::directoryOffset.of(end64)) ||
      !agree(End::disk.of(end), wide16, 0) || !agree(End::directoryDisk.of(end), wide16, 0))
    return error(endAt, "the end record and the ZIP64 end record disagree");
  return Error::success();
}

Error Parser::readEntries() {
  std::optional<uint64_t> end = (offset + size).value();
  if (end != endAt)
    return error(endAt, "the central directory does not end where the end records begin");
  if (count > maxRecords)
    return unsupported({path.str()}, "the archive has " + Twine(count) +
                                         " records, expected at most " + Twine(maxRecords));
  uint64_t bytesThere = *size.value();
  directory.offset = *offset.value();
  if (count > bytesThere / Central::size) // before memory is reserved for them
    return error(directory.offset, "the central directory of " + Twine(bytesThere) +
                                       " bytes cannot hold " + Twine(count) + " records");
  directory.entries.reserve(count);
  BinaryReader reader(bytes.slice(directory.offset, bytesThere));
  for (uint64_t i = 0; i < count; ++i)
    if (Error error = readCentral(reader))
      return error;
  if (reader.remaining() != 0)
    return error(endAt - reader.remaining(),
                 "the central directory is longer than its " + Twine(count) + " records");
  return Error::success();
}

Error Parser::readCentral(BinaryReader &reader) {
  uint64_t at = directory.offset + reader.position(); // inside the file
  std::optional<ArrayRef<uint8_t>> central = reader.take(uint64_t(Central::size));
  if (!central || signature.of(*central) != Central::mark)
    return error(at, "there is no record in the central directory, expected " + Twine(count) +
                         " of them");
  std::optional<ArrayRef<uint8_t>> nameBytes =
      reader.take(uint64_t(Central::nameLength.of(*central)));
  std::optional<ArrayRef<uint8_t>> extra =
      nameBytes ? reader.take(uint64_t(Central::extraLength.of(*central))) : std::nullopt;
  if (!extra)
    return error(at, "a record is past the end of the central directory");
  StringRef name = llvm::toStringRef(*nameBytes);
  if (Error bad = checkName(name, at))
    return bad;
  if (Central::commentLength.of(*central) != 0)
    return record(name, at, "has a comment, which is not allowed");
  if (Central::disk.of(*central) != 0)
    return record(name, at, "is in another file");
  if (Error bad = readMethod(*central, name, at))
    return bad;

  Entry entry{name, Central::flags.of(*central), Central::crc.of(*central), 0, 0};
  if (Error bad = readZip64(*extra, *central, entry, at))
    return bad;
  directory.entries.push_back(entry);
  return Error::success();
}

Error Parser::readMethod(ArrayRef<uint8_t> central, StringRef name, uint64_t at) {
  uint16_t flags = Central::flags.of(central), method = Central::method.of(central);
  if (flags & encryptedFlag)
    return refusedRecord(name, at, "is encrypted");
  if (method != 0)
    return refusedRecord(name, at,
                         "is compressed (method " + Twine(method) + "), expected it to be stored");
  if (flags & ~(descriptorFlag | utf8Flag))
    return refusedRecord(name, at,
                         "has the flags " + printHex(flags) + ", expected none but 0x8 and 0x800");
  return Error::success();
}

/// Sizes and offset, from the field where the header has no room for them.
Error Parser::readZip64(ArrayRef<uint8_t> extra, ArrayRef<uint8_t> central, Entry &entry,
                        uint64_t at) {
  llvm::Expected<ArrayRef<uint8_t>> zip64 = findZip64(path, extra, entry.name, at);
  if (!zip64)
    return zip64.takeError();
  size_t used = 0;
  bool missing = false;
  auto widen = [&](uint32_t narrow) -> uint64_t {
    if (narrow != wide32)
      return narrow;
    if (zip64->size() - used < sizeof(uint64_t)) {
      missing = true;
      return 0;
    }
    used += sizeof(uint64_t);
    return U64{used - sizeof(uint64_t)}.of(*zip64);
  };
  entry.size = widen(Central::unpacked.of(central));
  uint64_t packed = widen(Central::packed.of(central));
  entry.localOffset = widen(Central::localOffset.of(central));
  if (missing || used != zip64->size())
    return record(entry.name, at,
                  "has a ZIP64 field of " + Twine(zip64->size()) +
                      " bytes, expected 8 for each number that is 0xffffffff");
  if (packed != entry.size)
    return record(entry.name, at,
                  "is stored with " + Twine(packed) + " bytes, expected its size " +
                      Twine(entry.size));
  return Error::success();
}

/// Nothing is unpacked into the file system, but a name that would leave its
/// folder is no name that a writer of models gives.
Error Parser::checkName(StringRef name, uint64_t at) {
  bool good =
      !name.empty() && name.size() <= maxNameBytes && !name.contains('\\') && !name.contains('\0');
  llvm::SmallVector<StringRef, 4> parts;
  if (good)
    name.split(parts, '/');
  for (StringRef part : parts)
    good &= !part.empty() && part != "." && part != "..";
  return good ? Error::success()
              : record(name, at, "has a name that is not a relative path inside the archive");
}

Error Parser::checkNamesAreUnique() {
  std::vector<StringRef> names;
  names.reserve(directory.entries.size());
  for (const Entry &entry : directory.entries)
    names.push_back(entry.name);
  llvm::sort(names);
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    return malformed({path.str()}, "the record " + quoted(*twice) + " is there twice");
  return Error::success();
}

llvm::Expected<Directory> Parser::parse() {
  for (Error (Parser::*step)() :
       {&Parser::readEnd, &Parser::readEntries, &Parser::checkNamesAreUnique})
    if (Error error = (this->*step)())
      return std::move(error);
  return std::move(directory);
}

llvm::Expected<Directory> zip::readDirectory(StringRef path, ArrayRef<uint8_t> bytes) {
  return Parser(path, bytes).parse();
}
