#include "compiler/import/Protobuf.h"

#include "llvm/Support/JSON.h" // isUTF8

#include <bit>
#include <cmath>

using namespace ingot;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;
using llvm::Twine;

static StringRef wireName(ProtoWire wire) {
  switch (wire) {
  case ProtoWire::Varint:
    return "a varint";
  case ProtoWire::Fixed64:
    return "64 bits";
  case ProtoWire::Bytes:
    return "bytes";
  case ProtoWire::Fixed32:
    return "32 bits";
  }
  return "";
}

Expected<uint64_t> ProtoReader::varint() {
  const uint64_t position = base + reader.position();
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::optional<llvm::ArrayRef<uint8_t>> byte = reader.take(uint64_t(1));
    if (!byte)
      return error(base + reader.position(), what + " ends inside a number");
    const uint64_t bits = byte->front() & 0x7f;
    if (shift == 63 && bits > 1)
      break;
    value |= bits << shift;
    if (byte->front() < 0x80)
      return value;
  }
  return error(position, "a number in " + what + " has more than 64 bits");
}

Expected<bool> ProtoReader::next(ProtoField &field) {
  if (reader.remaining() == 0)
    return false;
  field = {};
  field.position = base + reader.position();
  Expected<uint64_t> tag = varint();
  if (!tag)
    return tag.takeError();
  const uint64_t number = *tag >> 3, wire = *tag & 7;
  if (number == 0 || number >= uint64_t(1) << 29)
    return error(field.position, what + " has a field of number " + Twine(number));
  if (wire == 3 || wire == 4 || wire > 5)
    return error(field.position, "field " + Twine(number) + " of " + what + " has wire type " +
                                     Twine(wire) + ", expected 0, 1, 2 or 5");
  field.number = static_cast<uint32_t>(number);
  field.wire = static_cast<ProtoWire>(wire);
  if (field.wire == ProtoWire::Varint || field.wire == ProtoWire::Bytes) {
    Expected<uint64_t> value = varint();
    if (!value)
      return value.takeError();
    field.value = *value;
  }
  field.inside = base + reader.position();
  if (field.wire == ProtoWire::Varint)
    return true;
  const uint64_t size = field.wire == ProtoWire::Bytes     ? field.value
                        : field.wire == ProtoWire::Fixed32 ? 4
                                                           : 8;
  std::optional<llvm::ArrayRef<uint8_t>> bytes = reader.take(size);
  if (!bytes)
    return error(field.position, "field " + Twine(number) + " of " + what + " is " + Twine(size) +
                                     " bytes long, expected at most the " +
                                     Twine(reader.remaining()) + " that are left");
  if (field.wire == ProtoWire::Bytes)
    field.bytes = *bytes;
  else
    for (uint64_t i = 0; i < size; ++i)
      field.value |= uint64_t((*bytes)[i]) << (8 * i);
  return true;
}

Error ProtoReader::expectWire(const ProtoField &field, StringRef name, ProtoWire wire) const {
  if (field.wire == wire)
    return Error::success();
  return error(field.position,
               quoted(name) + " is " + wireName(field.wire) + ", expected " + wireName(wire));
}

Expected<uint64_t> ProtoReader::asNumber(const ProtoField &field, StringRef name, uint64_t least,
                                         uint64_t most) const {
  if (Error failed = expectWire(field, name, ProtoWire::Varint))
    return std::move(failed);
  if (field.value < least || field.value > most)
    return error(field.position, quoted(name) + " is " + Twine(field.value) + ", expected " +
                                     Twine(least) + " to " + Twine(most));
  return field.value;
}

Expected<bool> ProtoReader::asBool(const ProtoField &field, StringRef name) const {
  Expected<uint64_t> value = asNumber(field, name, 0, 1);
  if (!value)
    return value.takeError();
  return *value == 1;
}

Expected<float> ProtoReader::asFloat(const ProtoField &field, StringRef name) const {
  if (Error failed = expectWire(field, name, ProtoWire::Fixed32))
    return std::move(failed);
  const float value = std::bit_cast<float>(static_cast<uint32_t>(field.value));
  if (!std::isfinite(value))
    return error(field.position, quoted(name) + " is not a finite number");
  return value;
}

Expected<llvm::ArrayRef<uint8_t>> ProtoReader::asBytes(const ProtoField &field,
                                                       StringRef name) const {
  if (Error failed = expectWire(field, name, ProtoWire::Bytes))
    return std::move(failed);
  return field.bytes;
}

Expected<StringRef> ProtoReader::asText(const ProtoField &field, StringRef name) const {
  if (Error failed = expectWire(field, name, ProtoWire::Bytes))
    return std::move(failed);
  if (!llvm::json::isUTF8(field.text()))
    return error(field.inside, quoted(name) + " is " + quoted(field.text()) + ", expected UTF-8");
  return field.text();
}
