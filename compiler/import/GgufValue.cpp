//===- GgufValue.cpp - Typed access to GGUF metadata ----------------------===//

#include "compiler/import/Gguf.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <charconv>
#include <limits>

using namespace ingot;

llvm::StringRef ingot::ggufTypeName(GgufType type) {
  static constexpr llvm::StringRef names[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                              "bool", "string", "array", "u64", "i64", "f64"};
  return names[size_t(type)];
}

template <typename T> static T load(const uint8_t *at) {
  return llvm::support::endian::read<T>(at, llvm::endianness::little);
}

/// Any integer as a sign and a magnitude's two's complement: negative only if
/// `negative` is set.
static std::optional<uint64_t> loadInteger(GgufType type, const uint8_t *at, bool &negative) {
  int64_t value = 0;
  switch (type) {
  case GgufType::U8:
    value = *at;
    break;
  case GgufType::I8:
    value = int8_t(*at);
    break;
  case GgufType::U16:
    value = load<uint16_t>(at);
    break;
  case GgufType::I16:
    value = load<int16_t>(at);
    break;
  case GgufType::U32:
    value = load<uint32_t>(at);
    break;
  case GgufType::I32:
    value = load<int32_t>(at);
    break;
  case GgufType::I64:
    value = load<int64_t>(at);
    break;
  case GgufType::U64:
    negative = false;
    return load<uint64_t>(at);
  default:
    return std::nullopt;
  }
  negative = value < 0;
  return uint64_t(value);
}

static std::optional<int64_t> loadSigned(GgufType type, const uint8_t *at) {
  bool negative = false;
  std::optional<uint64_t> bits = loadInteger(type, at, negative);
  if (!bits || (!negative && *bits > uint64_t(std::numeric_limits<int64_t>::max())))
    return std::nullopt;
  return int64_t(*bits);
}

std::optional<uint64_t> GgufValue::asUnsigned() const {
  bool negative = false;
  std::optional<uint64_t> bits = loadInteger(type, bytes.data(), negative);
  return negative ? std::nullopt : bits;
}

std::optional<int64_t> GgufValue::asSigned() const { return loadSigned(type, bytes.data()); }

std::optional<double> GgufValue::asDouble() const {
  if (type == GgufType::F64)
    return llvm::bit_cast<double>(load<uint64_t>(bytes.data()));
  if (type != GgufType::F32)
    return std::nullopt;
  // 1e-5 was written, the nearest float was stored: its shortest decimal gives
  // back what was meant, and rounds to the same float again.
  float stored = llvm::bit_cast<float>(load<uint32_t>(bytes.data()));
  char text[64];
  auto [end, failed] = std::to_chars(text, std::end(text), stored);
  double value = stored;
  if (failed == std::errc())
    std::from_chars(text, end, value);
  return value;
}

std::optional<bool> GgufValue::asBool() const {
  if (type != GgufType::Bool || bytes[0] > 1)
    return std::nullopt; // the format knows 0 and 1 only
  return bytes[0] == 1;
}

std::optional<llvm::StringRef> GgufValue::asString() const {
  if (type != GgufType::String)
    return std::nullopt;
  return llvm::StringRef(reinterpret_cast<const char *>(bytes.data()), bytes.size());
}

std::optional<std::vector<llvm::StringRef>> GgufValue::asStrings() const {
  if (!isArray() || elementType != GgufType::String)
    return std::nullopt;
  std::vector<llvm::StringRef> strings;
  strings.reserve(count); // the parser has walked over this many
  const uint8_t *at = bytes.data();
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t length = load<uint64_t>(at);
    at += sizeof(uint64_t);
    strings.emplace_back(reinterpret_cast<const char *>(at), length);
    at += length;
  }
  return strings;
}

std::optional<std::vector<int64_t>> GgufValue::asIntegers() const {
  if (!isArray() || count == 0)
    return isArray() ? std::optional<std::vector<int64_t>>(std::in_place) : std::nullopt;
  std::vector<int64_t> integers;
  integers.reserve(count);
  size_t width = bytes.size() / count;
  for (uint64_t i = 0; i < count; ++i) {
    std::optional<int64_t> integer = loadSigned(elementType, bytes.data() + i * width);
    if (!integer)
      return std::nullopt;
    integers.push_back(*integer);
  }
  return integers;
}

std::optional<std::vector<float>> GgufValue::asFloats() const {
  if (!isArray() || elementType != GgufType::F32)
    return std::nullopt;
  std::vector<float> floats(count);
  for (uint64_t i = 0; i < count; ++i)
    floats[i] = llvm::bit_cast<float>(load<uint32_t>(bytes.data() + i * sizeof(uint32_t)));
  return floats;
}
