#include "compiler/import/TorchZip.h"

#include "compiler/import/Checked.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/Numbers.h"
#include "compiler/import/Pickle.h"
#include "compiler/import/Shards.h"
#include "compiler/import/TensorNames.h"
#include "compiler/import/ZipArchive.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CRC.h"

using namespace ingot;
using llvm::ArrayRef;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

namespace {

/// The newest version of the archive that PyTorch 2 writes and reads.
constexpr unsigned newestVersion = 10;

class Reader {
public:
  Reader(StringRef path, ArrayRef<uint8_t> bytes, TensorNames names)
      : path(path), bytes(bytes), names(names) {}

  Error read(TensorFile &file);

private:
  Error error(const Twine &message) const { return malformed({path.str()}, message); }

  Error sortRecords(std::vector<Checksum> &checksums);
  Error checkNotes();
  Error checkStorages(const StateDict &dict);
  Error makeView(const PickledTensor &tensor, const PickledStorage &storage, TensorView &view);
  Error checkRows(const PickledTensor &tensor);

  uint64_t placeOf(ArrayRef<uint8_t> part) const { return uint64_t(part.begin() - bytes.begin()); }

  StringRef path;
  ArrayRef<uint8_t> bytes;
  TensorNames names;
  llvm::StringMap<const ZipRecord *> storages, others; ///< by the name in their folder
  std::vector<ZipRecord> records;
};

} // namespace

static bool isLittleRecord(StringRef name) {
  return name == "data.pkl" || name == "version" || name == "byteorder";
}

/// Which record is what. An archive of TorchScript has code in it, and is
/// refused by the first record that is not of a checkpoint.
Error Reader::sortRecords(std::vector<Checksum> &checksums) {
  StringRef folder = records.empty() ? "" : records.front().name.split('/').first;
  for (const ZipRecord &record : records) {
    StringRef name = record.name;
    if (!name.consume_front(folder) || !name.consume_front("/"))
      return error("the record " + quoted(record.name) + " is not in the folder " + quoted(folder) +
                   " of the first one");
    if (StringRef key = name; key.consume_front("data/"))
      storages[key] = &record;
    else if (isLittleRecord(name) || name.starts_with("."))
      others[name] = &record;
    else
      return unsupported({path.str()}, "the record " + quoted(record.name) +
                                           " is not part of a checkpoint, expected 'data.pkl', "
                                           "'data/N', 'version' and 'byteorder'");
    if (isLittleRecord(name) && record.crc != 0 && llvm::crc32(record.bytes) != record.crc)
      return error("the record " + quoted(record.name) + " does not have the CRC-32 " +
                   printHex(record.crc) + ": the file is damaged");
    checksums.push_back({record.name.str(), record.bytes, record.crc});
  }
  return Error::success();
}

Error Reader::checkNotes() {
  const ZipRecord *version = others.lookup("version");
  if (!version)
    return error("there is no record 'version'");
  StringRef text = llvm::toStringRef(version->bytes).rtrim('\n');
  std::optional<unsigned> number = parseInteger<unsigned>(text);
  if (!number || *number == 0)
    return error("the record 'version' is " + quoted(text) + ", expected a number");
  if (*number > newestVersion)
    return unsupported({path.str()}, "the archive has version " + Twine(*number) +
                                         ", expected at most " + Twine(newestVersion));
  if (const ZipRecord *order = others.lookup("byteorder"))
    if (StringRef said = llvm::toStringRef(order->bytes); said != "little")
      return unsupported({path.str()}, "the byte order is " + quoted(said) + ", expected 'little'");
  return Error::success();
}

/// Storages of the dict and records of the archive are the same set, and have
/// the same sizes.
Error Reader::checkStorages(const StateDict &dict) {
  for (const PickledStorage &storage : dict.storages) {
    SourceLocation where{path.str(), 0, 0, storage.place};
    const ZipRecord *record = storages.lookup(storage.key);
    if (!record)
      return malformed(where, "there is no record 'data/N' for the storage " + quoted(storage.key));
    Number size = Number(storage.elements) * Number(storage.type->bytes);
    if (size.value() != record->bytes.size())
      return malformed(where, "the record " + quoted(record->name) + " has " +
                                  Twine(record->bytes.size()) + " bytes, expected " +
                                  Twine(storage.elements) + " elements of " +
                                  Twine(storage.type->bytes) + " bytes");
  }
  if (dict.storages.size() == storages.size())
    return Error::success();
  llvm::StringMap<bool> used;
  for (const PickledStorage &storage : dict.storages)
    used[storage.key] = true;
  for (const ZipRecord &record : records)
    if (StringRef key = record.name.split('/').second;
        key.consume_front("data/") && !used.contains(key))
      return error("the record " + quoted(record.name) + " belongs to no tensor");
  return Error::success();
}

/// The strides of a tensor whose rows lie one after the other; an extent of 1
/// is never stepped over, so its stride says nothing.
Error Reader::checkRows(const PickledTensor &tensor) {
  Number expected = uint64_t(1);
  bool empty = llvm::is_contained(tensor.shape, 0u);
  for (size_t i = tensor.shape.size(); i-- > 0 && !empty;) {
    if (tensor.shape[i] != 1 && expected.value() != tensor.strides[i])
      return unsupported({path.str(), 0, 0, tensor.place},
                         "tensor " + quoted(tensor.name) + " is not contiguous: dimension " +
                             Twine(i) + " has the stride " + Twine(tensor.strides[i]) +
                             ", expected " + Twine(expected.value().value_or(0)));
    expected *= Number(tensor.shape[i]);
  }
  return Error::success();
}

Error Reader::makeView(const PickledTensor &tensor, const PickledStorage &storage,
                       TensorView &view) {
  SourceLocation where{path.str(), 0, 0, tensor.place};
  Number elements = uint64_t(1);
  for (uint64_t extent : tensor.shape) {
    elements *= Number(extent);
    view.shape.push_back(int64_t(extent)); // not negative in the pickle
  }
  std::optional<uint64_t> end = (Number(tensor.offset) + elements).atMost(storage.elements);
  if (!end)
    return malformed(where, "tensor " + quoted(tensor.name) + " begins at element " +
                                Twine(tensor.offset) + " and ends behind the " +
                                Twine(storage.elements) + " elements of its storage " +
                                quoted(storage.key));
  if (Error bad = checkRows(tensor))
    return bad;
  // checkStorages: the elements of the storage times their size are its record.
  ArrayRef<uint8_t> record = storages.lookup(storage.key)->bytes;
  view.bytes = record.slice(tensor.offset * storage.type->bytes,
                            (*end - tensor.offset) * storage.type->bytes);
  view.fileName = tensor.name.str();
  view.name = names == TensorNames::Gguf ? canonicalFromGguf(tensor.name) : view.fileName;
  view.type = storage.type->format.value_or(TensorType::F32);
  return Error::success();
}

Error Reader::read(TensorFile &file) {
  Expected<std::vector<ZipRecord>> archive = readZipArchive(path, bytes);
  if (!archive)
    return archive.takeError();
  records = std::move(*archive);
  if (Error bad = sortRecords(file.checksums))
    return bad;
  const ZipRecord *pickle = others.lookup("data.pkl");
  if (!pickle)
    return error("there is no record 'data.pkl'");
  if (Error bad = checkNotes())
    return bad;
  Expected<StateDict> dict = readStateDict(path, pickle->bytes, placeOf(pickle->bytes));
  if (!dict)
    return dict.takeError();
  if (Error bad = checkStorages(*dict))
    return bad;

  const PickledTensor *unreadable = nullptr;
  file.views.reserve(dict->tensors.size());
  for (const PickledTensor &tensor : dict->tensors) {
    const PickledStorage &storage = dict->storages[tensor.storage];
    if (Error bad = makeView(tensor, storage, file.views.emplace_back()))
      return bad;
    if (!storage.type->format && !unreadable)
      unreadable = &tensor;
  }
  // Only once the file has been found to be sound, as for safetensors.
  if (unreadable)
    return unsupported({path.str()}, "tensor " + quoted(unreadable->name) + " has the type '" +
                                         dict->storages[unreadable->storage].type->name +
                                         "', expected FloatStorage, HalfStorage or "
                                         "BFloat16Storage");
  llvm::sort(file.views, [](const TensorView &a, const TensorView &b) {
    return std::tuple(a.bytes.begin(), StringRef(a.name)) <
           std::tuple(b.bytes.begin(), StringRef(b.name));
  });
  return Error::success();
}

static Expected<TensorFile> readTorchZipFile(StringRef path, TensorNames names) {
  Expected<std::unique_ptr<MappedFile>> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeError();
  TensorFile file;
  file.file = std::move(*mapped);
  if (Error error = Reader(path, file.file->bytes(), names).read(file))
    return std::move(error);
  return file;
}

Expected<std::unique_ptr<WeightSource>> ingot::openTorchZip(StringRef path, TensorNames names) {
  return openTensorFile(readTorchZipFile, path, names);
}

Expected<std::unique_ptr<WeightSource>> ingot::openTorchIndex(StringRef indexPath,
                                                              TensorNames names) {
  return openShardIndex(readTorchZipFile, indexPath, names);
}
