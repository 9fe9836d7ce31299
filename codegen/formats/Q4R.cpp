//===- Q4R.cpp - q4r: 4 bits in groups of 32 under a row's scale ----------===//

#include "codegen/formats/Q4R.h"

#include <cstring>
#include <vector>

using namespace ingot;

namespace {

constexpr size_t kScaleBytes = sizeof(float);

float valueOf(float scale, int step, int zero, int nibble) {
  return scale / kZeroSteps * float(step * (kZeroSteps * nibble - zero));
}

class Q4RFormat final : public Format {
public:
  std::string_view name() const override { return "q4r"; }
  int64_t group() const override { return kQ4RColumns; }
  double bitsPerWeight() const override {
    return 8.0 * sizeof(Q4RGroup) / double(kRowBlock * kQ4RColumns);
  }
  bool quantized() const override { return true; }
  bool quantizes() const override { return true; }
  const GroupLayout &layout() const override { return kLayout; }
  size_t sourceRowBytes(int64_t cols) const override {
    return kScaleBytes + size_t(cols / kQ4RColumns) * sizeof(Q4RSource);
  }
  size_t packedBlockBytes(int64_t cols) const override {
    return size_t(cols / kQ4RColumns) * sizeof(Q4RGroup) + kRowBlock * kScaleBytes;
  }

  void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                    uint8_t *out) const override {
    const int64_t groups = cols / kQ4RColumns;
    for (int64_t g = 0; g < groups; ++g) {
      Q4RGroup packed = {};
      for (int row = 0; row < kRowBlock; ++row)
        if (rows[row])
          packRow(blockAt(rows[row], g), row, packed);
      std::memcpy(out + g * sizeof(Q4RGroup), &packed, sizeof(Q4RGroup));
    }
    for (int row = 0; row < kRowBlock; ++row) {
      uint8_t *scale = out + groups * sizeof(Q4RGroup) + row * kScaleBytes;
      if (rows[row])
        std::memcpy(scale, rows[row], kScaleBytes);
      else
        std::memset(scale, 0, kScaleBytes);
    }
  }

  void quantizeRow(const float *values, int64_t cols, uint8_t *source) const override {
    std::vector<Q4RSource> blocks(static_cast<size_t>(cols / kQ4RColumns));
    float scale = 0;
    quantizeQ4R(values, cols, scale, blocks.data());
    std::memcpy(source, &scale, kScaleBytes);
    std::memcpy(source + kScaleBytes, blocks.data(), blocks.size() * sizeof(Q4RSource));
  }

  void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const override {
    float scale;
    std::memcpy(&scale, source, kScaleBytes);
    for (int64_t k = 0; k < cols; ++k) {
      const Q4RSource *block = blockAt(source, k / kQ4RColumns);
      const int64_t column = k % kQ4RColumns;
      const uint8_t byte = block->values[column % 16];
      out[k] = valueOf(scale, block->step, block->zero, column < 16 ? byte & 15 : byte >> 4);
    }
  }

  void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const override {
    const int64_t groups = cols / kQ4RColumns;
    float scale;
    std::memcpy(&scale, block + groups * sizeof(Q4RGroup) + row * kScaleBytes, kScaleBytes);
    for (int64_t k = 0; k < cols; ++k) {
      Q4RGroup packed;
      std::memcpy(&packed, block + k / kQ4RColumns * sizeof(Q4RGroup), sizeof(Q4RGroup));
      const int64_t column = k % kQ4RColumns;
      const uint8_t byte = packed.values[column / 8][row][column % 4];
      const int nibble = column % 8 < 4 ? byte & 15 : byte >> 4;
      out[k] = valueOf(scale, packed.step[row], packed.zero[row], nibble);
    }
  }

private:
  static const Q4RSource *blockAt(const uint8_t *source, int64_t group) {
    return reinterpret_cast<const Q4RSource *>(source + kScaleBytes) + group;
  }

  static void packRow(const Q4RSource *source, int row, Q4RGroup &packed) {
    packed.step[row] = source->step;
    packed.zero[row] = source->zero;
    for (int k = 0; k < kQ4RColumns; ++k) {
      const uint8_t byte = source->values[k % 16];
      const uint8_t nibble = k < 16 ? byte & 15 : byte >> 4;
      packed.values[k / 8][row][k % 4] |= k % 8 < 4 ? nibble : uint8_t(nibble << 4);
    }
  }

  static constexpr GroupLayout kLayout = {.valueBits = 4,
                                          .zeroPoint = 0,
                                          .groupBytes = sizeof(Q4RGroup),
                                          .scaleOffset = offsetof(Q4RGroup, step),
                                          .minimumOffset = -1,
                                          .zeroOffset = offsetof(Q4RGroup, zero),
                                          .rowScale = true};
};

constexpr Q4RFormat kQ4R;

} // namespace

const Format &ingot::formatQ4R = kQ4R;
