#include "compiler/import/ZipArchive.h"

#include "compiler/import/BinaryReader.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/ZipDirectory.h"
#include "compiler/import/ZipFields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace ingot;
using namespace ingot::zip;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

namespace {

/// One record, from its local header to where the next part begins.
class RecordReader {
public:
  RecordReader(StringRef path, const Entry &entry) : path(path), entry(entry) {}

  /// The bytes of the record, whose parts fill `span` from its beginning at
  /// byte `at` of the file.
  Expected<ArrayRef<uint8_t>> read(ArrayRef<uint8_t> span, uint64_t at);

private:
  Error error(uint64_t byte, const Twine &message) const {
    return recordError(path, entry.name, byte, message);
  }
  Error checkLocal(ArrayRef<uint8_t> local, ArrayRef<uint8_t> extra, uint64_t at);
  Error checkDescriptor(ArrayRef<uint8_t> descriptor, uint64_t at);

  StringRef path;
  const Entry &entry;
};

} // namespace

Expected<ArrayRef<uint8_t>> RecordReader::read(ArrayRef<uint8_t> span, uint64_t at) {
  BinaryReader reader(span);
  std::optional<ArrayRef<uint8_t>> local = reader.take(uint64_t(Local::size));
  if (!local || signature.of(*local) != Local::mark)
    return error(at, "has no local header there");
  std::optional<ArrayRef<uint8_t>> name = reader.take(uint64_t(Local::nameLength.of(*local)));
  std::optional<ArrayRef<uint8_t>> extra =
      name ? reader.take(uint64_t(Local::extraLength.of(*local))) : std::nullopt;
  std::optional<ArrayRef<uint8_t>> content = extra ? reader.take(entry.size) : std::nullopt;
  if (!content)
    return error(at, "of " + Twine(entry.size) + " bytes runs into what begins at byte " +
                         Twine(at + span.size()));
  if (llvm::toStringRef(*name) != entry.name)
    return error(at, "is called " + quoted(llvm::toStringRef(*name)) + " in its local header");
  if (Error bad = checkLocal(*local, *extra, at))
    return std::move(bad);
  uint64_t behind = at + reader.position(); // inside the file
  if (Error bad = checkDescriptor(*reader.take(reader.remaining()), behind))
    return std::move(bad);
  return *content;
}

Error RecordReader::checkLocal(ArrayRef<uint8_t> local, ArrayRef<uint8_t> extra, uint64_t at) {
  Expected<ArrayRef<uint8_t>> zip64 = findZip64(path, extra, entry.name, at);
  if (!zip64)
    return zip64.takeError();
  bool later = entry.flags & descriptorFlag;
  auto agree = [&](uint64_t said, uint64_t known) { return said == known || (later && said == 0); };
  uint64_t unpacked = Local::unpacked.of(local), packed = Local::packed.of(local);
  if (packed == wide32 && unpacked == wide32) { // then the field has both
    if (zip64->size() != 2 * sizeof(uint64_t))
      return error(at, "has no ZIP64 sizes in its local header");
    unpacked = U64{0}.of(*zip64);
    packed = U64{8}.of(*zip64);
  }
  if (Local::flags.of(local) != entry.flags || Local::method.of(local) != 0 ||
      !agree(Local::crc.of(local), entry.crc) || !agree(packed, entry.size) ||
      !agree(unpacked, entry.size))
    return error(at, "has another size, CRC-32, method or flags in its local header "
                     "than in the central directory");
  return Error::success();
}

/// `descriptor` is what lies between the record's bytes and the next part.
Error RecordReader::checkDescriptor(ArrayRef<uint8_t> descriptor, uint64_t at) {
  using D = Descriptor;
  size_t size = descriptor.size();
  bool good;
  if (!(entry.flags & descriptorFlag))
    good = size == 0;
  else if (size == D::size32)
    good = D::packed32.of(descriptor) == entry.size && D::unpacked32.of(descriptor) == entry.size;
  else
    good = size == D::size64 && D::packed64.of(descriptor) == entry.size &&
           D::unpacked64.of(descriptor) == entry.size;
  if (size != 0 && good)
    good = signature.of(descriptor) == D::mark && D::crc.of(descriptor) == entry.crc;
  return good ? Error::success()
              : error(at, "is followed by " + Twine(size) + " bytes, expected " +
                              (entry.flags & descriptorFlag ? "a descriptor that repeats its size"
                                                            : "the next part of the archive"));
}

/// Records tile the file from its first byte to the central directory.
Expected<std::vector<ZipRecord>> ingot::readZipArchive(StringRef path, ArrayRef<uint8_t> bytes) {
  Expected<Directory> directory = readDirectory(path, bytes);
  if (!directory)
    return directory.takeError();
  std::vector<Entry> &entries = directory->entries;
  llvm::sort(entries, [](const Entry &a, const Entry &b) { return a.localOffset < b.localOffset; });
  uint64_t first = entries.empty() ? directory->offset : entries.front().localOffset;
  if (first != 0)
    return malformed({path.str(), 0, 0, 0},
                     "the first record begins at byte " + Twine(first) + ", expected 0");

  std::vector<ZipRecord> records;
  records.reserve(entries.size());
  for (size_t i = 0; i < entries.size(); ++i) {
    uint64_t at = entries[i].localOffset;
    uint64_t end = i + 1 < entries.size() ? entries[i + 1].localOffset : directory->offset;
    if (end > directory->offset || at > end)
      return recordError(path, entries[i].name, at, "is not before the central directory");
    Expected<ArrayRef<uint8_t>> content =
        RecordReader(path, entries[i]).read(bytes.slice(at, end - at), at);
    if (!content)
      return content.takeError();
    records.push_back({entries[i].name, *content, entries[i].crc});
  }
  return records;
}
