//===- GgufTensors.cpp - The tensor list of a GGUF file -------------------===//

#include "compiler/import/GgmlTypes.h"
#include "compiler/import/GgufParser.h"

#include "llvm/ADT/DenseMap.h"

using namespace ingot;
using llvm::ArrayRef;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

using Number = Checked<uint64_t>;

static constexpr uint64_t maxNameLength = 63; ///< ggml's
static constexpr uint64_t maxRank = 4;

Error GgufParser::parseShape(GgufTensor &tensor, Number &elements) {
  uint64_t position = reader.position();
  std::optional<Number> rank = reader.number<uint32_t>();
  if (!rank)
    return truncated("the tensor " + quoted(tensor.name));
  if (!rank->atMost(maxRank))
    return at(position, "tensor " + quoted(tensor.name) + " has " +
                            Twine(rank->value().value_or(0)) + " dimensions, expected at most " +
                            Twine(maxRank));
  elements = Number(uint64_t(1));
  bool empty = false;
  for (uint64_t i = 0; i < *rank->value(); ++i) {
    position = reader.position();
    std::optional<Number> dimension = reader.number<uint64_t>();
    if (!dimension)
      return truncated("the tensor " + quoted(tensor.name));
    std::optional<uint64_t> extent = dimension->atMost(INT64_MAX);
    if (!extent)
      return at(position, "tensor " + quoted(tensor.name) + " has an extent of " +
                              Twine(dimension->value().value_or(0)) +
                              ", expected at most 2^63 - 1");
    tensor.shape.insert(tensor.shape.begin(), int64_t(*extent)); // the file has the fastest first
    empty |= *extent == 0;
    elements *= *dimension;
  }
  if (empty) // whatever the other extents multiply to
    elements = Number(uint64_t(0));
  if (!elements.atMost(INT64_MAX - 1))
    return at(position, "tensor " + quoted(tensor.name) + " has more than 2^63 - 1 elements");
  return Error::success();
}

Error GgufParser::parseTensors() {
  gguf.list.reserve(tensorCount);
  sizes.reserve(tensorCount);
  offsets.reserve(tensorCount);
  for (uint64_t i = 0; i < tensorCount; ++i) {
    GgufTensor &tensor = gguf.list.emplace_back();
    tensor.position = reader.position();
    llvm::Expected<StringRef> name = readString(maxNameLength, "the name of tensor " + Twine(i));
    if (!name)
      return name.takeError();
    if (name->empty() || name->contains('\0'))
      return at(tensor.position,
                "tensor " + Twine(i) + " is named " + quoted(*name) + ", expected a name");
    tensor.name = *name;
    Number elements;
    if (Error error = parseShape(tensor, elements))
      return error;
    uint64_t position = reader.position();
    std::optional<Number> type = reader.number<uint32_t>();
    std::optional<Number> offset = reader.number<uint64_t>();
    if (!type || !offset)
      return truncated("the tensor " + quoted(tensor.name));
    tensor.type = uint32_t(type->value().value_or(0));
    const GgmlType *known = findGgmlType(tensor.type);
    if (!known)
      return unsupported({gguf.path().str(), 0, 0, position}, "tensor " + quoted(tensor.name) +
                                                                  " has the unknown type " +
                                                                  Twine(tensor.type));
    uint64_t columns = tensor.shape.empty() ? 1 : uint64_t(tensor.shape.back());
    if (columns % known->blockElements != 0)
      return at(position, "tensor " + quoted(tensor.name) + " has rows of " + Twine(columns) +
                              " elements, expected a multiple of " + Twine(known->blockElements) +
                              " for type " + known->name);
    sizes.push_back(elements.dividedExactlyBy(known->blockElements) * Number(known->blockBytes));
    if (!sizes.back().valid())
      return at(position, "tensor " + quoted(tensor.name) + " has more than 2^64 bytes");
    offsets.push_back(*offset);
  }
  return Error::success();
}

Error GgufParser::placeTensors() {
  llvm::DenseMap<StringRef, uint64_t> names;
  names.reserve(gguf.list.size());
  for (const GgufTensor &tensor : gguf.list)
    if (!names.insert({tensor.name, tensor.position}).second)
      return at(tensor.position, "the tensor " + quoted(tensor.name) + " is there twice");

  if (gguf.list.empty())
    return Error::success();
  ArrayRef<uint8_t> bytes = gguf.file->bytes();
  Number data = Number(reader.position()).alignedTo(alignment);
  Number expected = uint64_t(0); // offset of the next tensor
  for (size_t i = 0; i < gguf.list.size(); ++i) {
    GgufTensor &tensor = gguf.list[i];
    if (offsets[i].value() != expected.value())
      return at(tensor.position, "tensor " + quoted(tensor.name) + " is at offset " +
                                     Twine(offsets[i].value().value_or(0)) +
                                     " of the data, expected " +
                                     Twine(expected.value().value_or(0)));
    Number begin = data + expected;
    // The padding after the last tensor belongs to the file as well.
    Number end = begin + sizes[i].alignedTo(alignment);
    if (!end.atMost(bytes.size()))
      return at(tensor.position,
                "tensor " + quoted(tensor.name) + " of " + Twine(sizes[i].value().value_or(0)) +
                    " bytes reaches past the end of the file (" + Twine(bytes.size()) + " bytes)");
    tensor.bytes = bytes.slice(*begin.value(), *sizes[i].value());
    expected += sizes[i].alignedTo(alignment);
  }
  return Error::success();
}
