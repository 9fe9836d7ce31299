//===- Float.cpp - f32, f16: weights as floats ----------------------------===//

#include "codegen/formats/Float.h"
#include "codegen/formats/Half.h"

#include <bit>
#include <cstring>

using namespace ingot;

namespace {

float toFloat(uint32_t bits) { return std::bit_cast<float>(bits); }
float toFloat(uint16_t bits) { return halfToFloat(bits); }

template <typename Bits> class FloatFormat final : public Format {
public:
  explicit constexpr FloatFormat(std::string_view name) : itsName(name) {}

  std::string_view name() const override { return itsName; }
  int64_t group() const override { return 1; }
  double bitsPerWeight() const override { return 8.0 * sizeof(Bits); }
  bool quantized() const override { return false; }
  const GroupLayout &layout() const override { return kLayout; }
  size_t sourceRowBytes(int64_t cols) const override { return size_t(cols) * sizeof(Bits); }
  size_t packedBlockBytes(int64_t cols) const override { return size_t(cols) * kLayout.groupBytes; }

  void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                    uint8_t *out) const override {
    for (int64_t k = 0; k < cols; ++k)
      for (const uint8_t *row : rows) {
        Bits bits = 0;
        if (row)
          std::memcpy(&bits, row + k * sizeof(Bits), sizeof(Bits));
        std::memcpy(out, &bits, sizeof(Bits));
        out += sizeof(Bits);
      }
  }

  void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const override {
    for (int64_t k = 0; k < cols; ++k)
      out[k] = read(source + k * sizeof(Bits));
  }

  void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const override {
    for (int64_t k = 0; k < cols; ++k)
      out[k] = read(block + (k * kRowBlock + row) * sizeof(Bits));
  }

private:
  static float read(const uint8_t *bytes) {
    Bits bits;
    std::memcpy(&bits, bytes, sizeof(Bits));
    return toFloat(bits);
  }

  static constexpr GroupLayout kLayout = {.valueBits = 8 * sizeof(Bits),
                                          .zeroPoint = 0,
                                          .groupBytes = kRowBlock * sizeof(Bits),
                                          .scaleOffset = -1,
                                          .minimumOffset = -1};
  std::string_view itsName;
};

constexpr FloatFormat<uint32_t> kF32("f32");
constexpr FloatFormat<uint16_t> kF16("f16");

} // namespace

const Format &ingot::formatF32 = kF32;
const Format &ingot::formatF16 = kF16;
