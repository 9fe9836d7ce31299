//===- Gguf.cpp - The header and keys of a GGUF file ----------------------===//

#include "compiler/import/Gguf.h"

#include "compiler/import/GgufParser.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

namespace {

constexpr uint64_t maxEntries = 32768;   ///< keys, or tensors: 1024 blocks need 9218
constexpr uint64_t maxKeyLength = 65535; ///< the specification's
constexpr uint64_t maxAlignment = 1 << 20;

/// The least bytes that an entry can have: what a count is checked against
/// before anything is allocated for it.
constexpr uint64_t leastKeyBytes = 8 + 1 + 4 + 1;
constexpr uint64_t leastTensorBytes = 8 + 1 + 4 + 4 + 8;

StringRef toText(ArrayRef<uint8_t> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

/// Bytes of a scalar type; 0 for strings and arrays.
uint64_t scalarBytes(GgufType type) {
  static constexpr uint8_t bytes[] = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
  return bytes[size_t(type)];
}

} // namespace

llvm::Expected<StringRef> GgufParser::readString(uint64_t limit, const Twine &what) {
  uint64_t position = reader.position();
  std::optional<Number> length = reader.number<uint64_t>();
  if (!length)
    return truncated(what);
  uint64_t said = length->value().value_or(0);
  if (said > reader.remaining())
    return at(position, what + " is " + Twine(said) + " bytes long, expected at most the " +
                            Twine(reader.remaining()) + " that are left");
  if (said > limit)
    return at(position,
              what + " is " + Twine(said) + " bytes long, expected at most " + Twine(limit));
  return toText(*reader.take(*length));
}

llvm::Expected<GgufType> GgufParser::readType(const Twine &what) {
  uint64_t position = reader.position();
  std::optional<Number> number = reader.number<uint32_t>();
  if (!number)
    return truncated(what);
  std::optional<uint64_t> type = number->atMost(uint64_t(GgufType::F64));
  if (!type)
    return at(position, what + " has type " + Twine(number->value().value_or(0)) +
                            ", expected 0 to " + Twine(uint64_t(GgufType::F64)));
  return GgufType(*type);
}

Error GgufParser::readCount(StringRef what, uint64_t leastBytes, uint64_t &count) {
  uint64_t position = reader.position();
  std::optional<Number> number = reader.number<uint64_t>();
  if (!number)
    return truncated("the header");
  count = number->value().value_or(0);
  if (count > gguf.file->bytes().size() / leastBytes)
    return at(position, what + " count is " + Twine(count) + ", more than a file of " +
                            Twine(gguf.file->bytes().size()) + " bytes can hold");
  if (count > maxEntries)
    return unsupported({gguf.path().str(), 0, 0, position}, what + " count is " + Twine(count) +
                                                                ", expected at most " +
                                                                Twine(maxEntries));
  return Error::success();
}

Error GgufParser::parseHeader() {
  std::optional<ArrayRef<uint8_t>> magic = reader.take(4u);
  if (!magic)
    return truncated("the header");
  if (toText(*magic) != "GGUF")
    return at(0, "the file begins with " + quoted(toText(*magic)) + ", expected 'GGUF'");
  std::optional<Number> version = reader.number<uint32_t>();
  if (!version)
    return truncated("the header");
  gguf.versionNumber = uint32_t(version->value().value_or(0));
  SourceLocation where{gguf.path().str(), 0, 0, 4};
  if (gguf.versionNumber == 0)
    return malformed(where, "GGUF version is 0, expected 2 or 3");
  if ((gguf.versionNumber & 0xffff) == 0)
    return unsupported(where, "big-endian GGUF files are not supported");
  if (gguf.versionNumber != 2 && gguf.versionNumber != 3)
    return unsupported(where, "GGUF version is " + Twine(gguf.versionNumber) + ", expected 2 or 3");
  if (Error error = readCount("tensor", leastTensorBytes, tensorCount))
    return error;
  return readCount("key", leastKeyBytes, entryCount);
}

Error GgufParser::parseArray(StringRef key, GgufValue &value) {
  llvm::Expected<GgufType> element = readType("the array " + quoted(key));
  if (!element)
    return element.takeError();
  value.elementType = *element;
  uint64_t position = reader.position();
  std::optional<Number> count = reader.number<uint64_t>();
  if (!count)
    return truncated("the array " + quoted(key));
  value.count = count->value().value_or(0);
  if (*element == GgufType::Array)
    return unsupported({gguf.path().str(), 0, 0, position},
                       "the key " + quoted(key) + " is an array of arrays");
  // A string is at least its length.
  uint64_t least = *element == GgufType::String ? sizeof(uint64_t) : scalarBytes(*element);
  if (!(*count * Number(least)).atMost(reader.remaining()))
    return at(position, "the array " + quoted(key) + " has " + Twine(value.count) +
                            " elements, more than the " + Twine(reader.remaining()) +
                            " bytes that are left can hold");
  if (*element != GgufType::String) {
    value.bytes = *reader.take(*count * Number(least));
    return Error::success();
  }
  uint64_t begin = reader.position();
  for (uint64_t i = 0; i < value.count; ++i)
    if (llvm::Expected<StringRef> text =
            readString(UINT64_MAX, "element " + Twine(i) + " of " + quoted(key));
        !text)
      return text.takeError();
  value.bytes = gguf.file->bytes().slice(begin, reader.position() - begin);
  return Error::success();
}

Error GgufParser::parseValue(GgufType type, StringRef key, GgufValue &value) {
  value.type = type;
  value.position = reader.position();
  if (type == GgufType::Array)
    return parseArray(key, value);
  if (type == GgufType::String) {
    llvm::Expected<StringRef> text = readString(UINT64_MAX, "the value of " + quoted(key));
    if (!text)
      return text.takeError();
    value.bytes = ArrayRef(reinterpret_cast<const uint8_t *>(text->data()), text->size());
    return Error::success();
  }
  std::optional<ArrayRef<uint8_t>> bytes = reader.take(scalarBytes(type));
  if (!bytes)
    return truncated("the value of " + quoted(key));
  value.bytes = *bytes;
  return Error::success();
}

Error GgufParser::parseEntries() {
  gguf.metadata.reserve(entryCount);
  for (uint64_t i = 0; i < entryCount; ++i) {
    uint64_t position = reader.position();
    llvm::Expected<StringRef> key = readString(maxKeyLength, "key " + Twine(i));
    if (!key)
      return key.takeError();
    if (key->empty() || key->contains('\0'))
      return at(position, "key " + Twine(i) + " is " + quoted(*key) + ", expected a name");
    llvm::Expected<GgufType> type = readType("the key " + quoted(*key));
    if (!type)
      return type.takeError();
    GgufFile::Entry &entry = gguf.metadata.emplace_back();
    entry.key = *key;
    if (Error error = parseValue(*type, *key, entry.value))
      return error;
  }
  llvm::sort(gguf.metadata, [](const GgufFile::Entry &a, const GgufFile::Entry &b) {
    return std::pair(a.key, a.value.position) < std::pair(b.key, b.value.position);
  });
  for (size_t i = 1; i < gguf.metadata.size(); ++i)
    if (gguf.metadata[i - 1].key == gguf.metadata[i].key)
      return at(gguf.metadata[i].value.position,
                "the key " + quoted(gguf.metadata[i].key) + " is there twice");
  return parseAlignment();
}

Error GgufParser::parseAlignment() {
  const GgufValue *value = gguf.find("general.alignment");
  if (!value)
    return Error::success();
  if (value->type != GgufType::U32)
    return at(value->position,
              "'general.alignment' is of type " + ggufTypeName(value->type) + ", expected u32");
  alignment = *value->asUnsigned();
  if (alignment == 0 || alignment > maxAlignment || (alignment & (alignment - 1)) != 0)
    return at(value->position, "'general.alignment' is " + Twine(alignment) +
                                   ", expected a power of two up to " + Twine(maxAlignment));
  return Error::success();
}

Error GgufParser::parse() {
  if (Error error = parseHeader())
    return error;
  if (Error error = parseEntries())
    return error;
  if (Error error = parseTensors())
    return error;
  return placeTensors();
}

llvm::Expected<std::unique_ptr<GgufFile>> GgufFile::open(StringRef path) {
  llvm::Expected<std::unique_ptr<MappedFile>> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeError();
  std::unique_ptr<GgufFile> gguf(new GgufFile(std::move(*mapped)));
  if (Error error = GgufParser(*gguf).parse())
    return std::move(error);
  return gguf;
}

const GgufValue *GgufFile::find(StringRef key) const {
  auto at = llvm::lower_bound(metadata, key, [](const Entry &e, StringRef k) { return e.key < k; });
  return at != metadata.end() && at->key == key ? &at->value : nullptr;
}

const GgufTensor *GgufFile::findTensor(StringRef name) const {
  auto at = llvm::find_if(list, [&](const GgufTensor &tensor) { return tensor.name == name; });
  return at == list.end() ? nullptr : &*at;
}
