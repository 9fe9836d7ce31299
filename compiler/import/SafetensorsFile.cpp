//===- SafetensorsFile.cpp - The checks of one safetensors file -----------===//

#include "compiler/import/SafetensorsFile.h"

#include "compiler/import/BinaryReader.h"
#include "compiler/import/Checked.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/Json.h"
#include "compiler/import/TensorNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace ingot;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

namespace {

constexpr uint64_t maxHeaderBytes = 100'000'000; ///< the format's own limit
constexpr size_t maxTensors = 32768;             ///< 1024 blocks need 9218
constexpr size_t maxRank = 8;

struct Dtype {
  StringRef name;
  uint64_t bits;
  std::optional<TensorType> format;
};

/// Every type of the format: the layout of a file can only be checked when the
/// size of each tensor is known.
constexpr Dtype dtypes[] = {
    {"F32", 32, TensorType::F32},     {"F16", 16, TensorType::F16},
    {"BF16", 16, TensorType::BF16},   {"F64", 64, std::nullopt},
    {"C64", 64, std::nullopt},        {"I64", 64, std::nullopt},
    {"U64", 64, std::nullopt},        {"I32", 32, std::nullopt},
    {"U32", 32, std::nullopt},        {"I16", 16, std::nullopt},
    {"U16", 16, std::nullopt},        {"I8", 8, std::nullopt},
    {"U8", 8, std::nullopt},          {"BOOL", 8, std::nullopt},
    {"F8_E5M2", 8, std::nullopt},     {"F8_E4M3", 8, std::nullopt},
    {"F8_E8M0", 8, std::nullopt},     {"F8_E4M3FNUZ", 8, std::nullopt},
    {"F8_E5M2FNUZ", 8, std::nullopt}, {"F6_E2M3", 6, std::nullopt},
    {"F6_E3M2", 6, std::nullopt},     {"F4", 4, std::nullopt},
};

class Parser {
public:
  Parser(StringRef path, ArrayRef<uint8_t> bytes, TensorNames names)
      : path(path), bytes(bytes), names(names) {}

  Error parse(std::vector<TensorView> &views);

private:
  Error readHeader(StringRef &header);
  Error readMetadata(JsonValue metadata);
  Error readTensor(JsonValue key, JsonValue info, std::vector<TensorView> &views);
  Error readShape(StringRef name, JsonValue shape, TensorView &view, Number &elements);
  Error readBytes(StringRef name, JsonValue offsets, Number size, TensorView &view);
  Error checkLayout(std::vector<TensorView> &views);

  StringRef path;
  ArrayRef<uint8_t> bytes;
  TensorNames names;
  ArrayRef<uint8_t> data; ///< what follows the header
  /// A tensor type that Ingot has not is only reported once the file has been
  /// found to be sound.
  std::optional<std::pair<std::string, std::string>> unsupportedType;
};

} // namespace

Error Parser::readHeader(StringRef &header) {
  BinaryReader reader(bytes);
  std::optional<Number> length = reader.number<uint64_t>();
  if (!length)
    return malformed({path.str()}, "the file has " + Twine(bytes.size()) +
                                       " bytes, expected a header length of 8");
  SourceLocation where{path.str(), 0, 0, 0};
  uint64_t said = length->value().value_or(0);
  if (said > maxHeaderBytes)
    return malformed(where, "the header is " + Twine(said) + " bytes long, expected at most " +
                                Twine(maxHeaderBytes));
  std::optional<ArrayRef<uint8_t>> text = reader.take(*length);
  if (!text)
    return malformed(where, "the header is " + Twine(said) + " bytes long, but only " +
                                Twine(reader.remaining()) + " follow");
  header = StringRef(reinterpret_cast<const char *>(text->data()), text->size());
  if (!header.starts_with("{"))
    return malformed({path.str(), 0, 0, reader.position() - header.size()},
                     "the header does not begin with '{'");
  data = bytes.drop_front(reader.position());
  return Error::success();
}

Error Parser::readMetadata(JsonValue metadata) {
  if (metadata.isNull())
    return Error::success();
  if (metadata.kind() != JsonKind::Object)
    return malformed(metadata.where(),
                     "'__metadata__' is " + metadata.shown() + ", expected an object");
  return metadata.forEachMember([](JsonValue key, JsonValue value) -> Error {
    if (value.kind() == JsonKind::String)
      return Error::success();
    return malformed(value.where(),
                     quoted(*key.asString()) + " is " + value.shown() + ", expected a string");
  });
}

Error Parser::readShape(StringRef name, JsonValue shape, TensorView &view, Number &elements) {
  if (shape.kind() != JsonKind::Array)
    return malformed(shape.where(), "the shape of " + quoted(name) + " is " + shape.shown() +
                                        ", expected an array");
  elements = Number(uint64_t(1));
  Error error = shape.forEachElement([&](JsonValue element) -> Error {
    std::optional<uint64_t> extent = element.asUnsigned();
    if (!extent)
      return malformed(element.where(), "an extent of " + quoted(name) + " is " + element.shown() +
                                            ", expected a whole number");
    if (view.shape.size() == maxRank)
      return unsupported(element.where(), "tensor " + quoted(name) + " has more than " +
                                              Twine(maxRank) + " dimensions");
    elements *= Number(*extent);
    view.shape.push_back(int64_t(*extent));
    return Error::success();
  });
  if (error)
    return error;
  // As in the reference reader a product that overflows on its way to zero is
  // an error too.
  if (!elements.atMost(INT64_MAX))
    return malformed(shape.where(), "tensor " + quoted(name) + " has more than 2^63 - 1 elements");
  for (int64_t extent : view.shape)
    if (extent < 0) // another extent is zero, but 2^63 is no extent either
      return malformed(shape.where(), "an extent of " + quoted(name) + " is above 2^63 - 1");
  return Error::success();
}

Error Parser::readBytes(StringRef name, JsonValue offsets, Number size, TensorView &view) {
  llvm::SmallVector<uint64_t, 2> range;
  bool numbers = offsets.kind() == JsonKind::Array;
  if (numbers)
    llvm::cantFail(offsets.forEachElement([&](JsonValue element) {
      std::optional<uint64_t> offset = element.asUnsigned();
      numbers &= offset.has_value() && range.size() < 2;
      if (numbers)
        range.push_back(*offset);
      return Error::success();
    }));
  if (!numbers || range.size() != 2)
    return malformed(offsets.where(),
                     "'data_offsets' of " + quoted(name) + " is no pair of whole numbers");
  if (range[0] > range[1] || range[1] > data.size())
    return malformed(offsets.where(), "tensor " + quoted(name) + " lies at [" + Twine(range[0]) +
                                          ", " + Twine(range[1]) + ") of " + Twine(data.size()) +
                                          " bytes of data");
  if (!size.valid() || range[1] - range[0] != *size.value())
    return malformed(
        offsets.where(),
        "tensor " + quoted(name) + " has " + Twine(range[1] - range[0]) + " bytes, expected " +
            (size.valid() ? Twine(*size.value()) : Twine("a whole number of bytes below 2^64")) +
            " from its shape and type");
  view.bytes = data.slice(range[0], range[1] - range[0]);
  return Error::success();
}

Error Parser::readTensor(JsonValue key, JsonValue info, std::vector<TensorView> &views) {
  std::string name = *key.asString();
  if (name == "__metadata__")
    return readMetadata(info);
  if (info.kind() != JsonKind::Object)
    return malformed(info.where(), quoted(name) + " is " + info.shown() + ", expected an object");
  std::optional<JsonValue> dtype = info.find("dtype"), shape = info.find("shape"),
                           offsets = info.find("data_offsets");
  for (auto [value, field] : {std::pair{&dtype, "dtype"}, std::pair{&shape, "shape"},
                              std::pair{&offsets, "data_offsets"}})
    if (!*value)
      return malformed(info.where(), "tensor " + quoted(name) + " has no '" + field + "'");
  std::string typeName = dtype->asString().value_or("");
  const Dtype *type = llvm::find_if(dtypes, [&](const Dtype &t) { return t.name == typeName; });
  if (type == std::end(dtypes))
    return malformed(dtype->where(),
                     "tensor " + quoted(name) + " has the unknown type " + dtype->shown());

  TensorView view;
  Number elements;
  if (Error error = readShape(name, *shape, view, elements))
    return error;
  Number size = (elements * Number(type->bits)).dividedExactlyBy(uint64_t(8));
  if (Error error = readBytes(name, *offsets, size, view))
    return error;
  view.type = type->format.value_or(TensorType::F32);
  if (!type->format && !unsupportedType)
    unsupportedType = {name, typeName};
  view.name = names == TensorNames::Gguf ? canonicalFromGguf(name) : name;
  view.fileName = std::move(name);
  views.push_back(std::move(view));
  return Error::success();
}

/// No byte of the data belongs to two tensors or to none: a second file cannot
/// hide in the gaps.
Error Parser::checkLayout(std::vector<TensorView> &views) {
  llvm::sort(views, [](const TensorView &a, const TensorView &b) {
    return std::tuple(a.bytes.begin(), a.bytes.end(), StringRef(a.fileName)) <
           std::tuple(b.bytes.begin(), b.bytes.end(), StringRef(b.fileName));
  });
  const uint8_t *expected = data.begin();
  for (const TensorView &view : views) {
    if (view.bytes.begin() != expected)
      return malformed({path.str()}, "tensor " + quoted(view.fileName) + " begins at byte " +
                                         Twine(view.bytes.begin() - data.begin()) +
                                         " of the data, expected " +
                                         Twine(expected - data.begin()));
    expected = view.bytes.end();
  }
  if (expected != data.end())
    return malformed({path.str()}, "the tensors end at byte " + Twine(expected - data.begin()) +
                                       " of the data, expected " + Twine(data.size()));
  return Error::success();
}

Error Parser::parse(std::vector<TensorView> &views) {
  StringRef header;
  if (Error error = readHeader(header))
    return error;
  llvm::Expected<JsonDocument> document =
      JsonDocument::scan(path.str(), header, /*base=*/sizeof(uint64_t));
  if (!document)
    return document.takeError();
  size_t count = 0;
  JsonValue root = document->root(); // an object: the header begins with '{'
  llvm::cantFail(root.forEachMember([&](JsonValue, JsonValue) {
    ++count;
    return Error::success();
  }));
  if (count > maxTensors)
    return unsupported({path.str()}, "the file has " + Twine(count) +
                                         " tensors, expected at most " + Twine(maxTensors));
  views.reserve(count);
  if (Error error = root.forEachMember(
          [&](JsonValue key, JsonValue info) { return readTensor(key, info, views); }))
    return error;
  if (Error error = checkLayout(views))
    return error;
  if (unsupportedType)
    return unsupported({path.str()}, "tensor " + quoted(unsupportedType->first) + " has the type " +
                                         quoted(unsupportedType->second) +
                                         ", expected F32, F16 or BF16");
  return Error::success();
}

llvm::Expected<TensorFile> ingot::readSafetensorsFile(StringRef path, TensorNames names) {
  llvm::Expected<std::unique_ptr<MappedFile>> mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.takeError();
  TensorFile file;
  file.file = std::move(*mapped);
  if (Error error = Parser(path, file.file->bytes(), names).parse(file.views))
    return std::move(error);
  return file;
}
