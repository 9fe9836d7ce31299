//===- Q8_0.cpp - q8_0: 8 bits in groups of 32 ----------------------------===//

#include "codegen/formats/Q8_0.h"
#include "codegen/formats/Half.h"

#include <cstring>

using namespace ingot;

namespace {

constexpr int kZero = 128; // the stored byte of value 0

uint16_t loadHalf(const uint8_t bytes[2]) { return uint16_t(bytes[0] | bytes[1] << 8); }

class Q8_0Format final : public Format {
public:
  std::string_view name() const override { return "q8_0"; }
  int64_t group() const override { return kQ8Columns; }
  double bitsPerWeight() const override {
    return 8.0 * sizeof(Q8_0Group) / double(kRowBlock * kQ8Columns);
  }
  bool quantized() const override { return true; }
  const GroupLayout &layout() const override { return kLayout; }
  size_t sourceRowBytes(int64_t cols) const override {
    return size_t(cols / kQ8Columns) * sizeof(Q8_0Source);
  }
  size_t packedBlockBytes(int64_t cols) const override {
    return size_t(cols / kQ8Columns) * sizeof(Q8_0Group);
  }

  void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                    uint8_t *out) const override {
    for (int64_t g = 0; g < cols / kQ8Columns; ++g) {
      Q8_0Group packed;
      for (int row = 0; row < kRowBlock; ++row) {
        const auto *source =
            rows[row] ? reinterpret_cast<const Q8_0Source *>(rows[row]) + g : nullptr;
        packed.scale[row] = source ? loadHalf(source->scale) : 0;
        for (int k = 0; k < kQ8Columns; ++k)
          packed.values[k / 4][row][k % 4] = uint8_t(kZero + (source ? source->values[k] : 0));
      }
      std::memcpy(out + g * sizeof(Q8_0Group), &packed, sizeof(Q8_0Group));
    }
  }

  void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const override {
    const auto *blocks = reinterpret_cast<const Q8_0Source *>(source);
    for (int64_t k = 0; k < cols; ++k) {
      const Q8_0Source &block = blocks[k / kQ8Columns];
      out[k] = halfToFloat(loadHalf(block.scale)) * float(block.values[k % kQ8Columns]);
    }
  }

  void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const override {
    for (int64_t k = 0; k < cols; ++k) {
      Q8_0Group packed;
      std::memcpy(&packed, block + k / kQ8Columns * sizeof(Q8_0Group), sizeof(Q8_0Group));
      const int64_t column = k % kQ8Columns;
      const int value = packed.values[column / 4][row][column % 4] - kZero;
      out[k] = halfToFloat(packed.scale[row]) * float(value);
    }
  }

private:
  static constexpr GroupLayout kLayout = {.valueBits = 8,
                                          .zeroPoint = kZero,
                                          .groupBytes = sizeof(Q8_0Group),
                                          .scaleOffset = offsetof(Q8_0Group, scale),
                                          .minimumOffset = -1};
};

constexpr Q8_0Format kQ8_0;

} // namespace

const Format &ingot::formatQ8_0 = kQ8_0;
