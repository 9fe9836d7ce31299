//===- Q8R.cpp - q8r: 8 bits, one scale a row -----------------------------===//

#include "codegen/formats/Q8R.h"

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace ingot;

namespace {

constexpr int kZero = 128; // the stored byte of value 0
constexpr size_t kScaleBytes = sizeof(float);

class Q8RFormat final : public Format {
public:
  std::string_view name() const override { return "q8r"; }
  int64_t group() const override { return kQ8RColumns; }
  double bitsPerWeight() const override { return 8.0; }
  bool quantized() const override { return true; }
  bool quantizes() const override { return true; }
  const GroupLayout &layout() const override { return kLayout; }
  size_t sourceRowBytes(int64_t cols) const override { return kScaleBytes + size_t(cols); }
  size_t packedBlockBytes(int64_t cols) const override {
    return size_t(cols / kQ8RColumns) * sizeof(Q8RGroup) + kRowBlock * kScaleBytes;
  }

  void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                    uint8_t *out) const override {
    const int64_t groups = cols / kQ8RColumns;
    for (int row = 0; row < kRowBlock; ++row) {
      const auto *values =
          rows[row] ? reinterpret_cast<const int8_t *>(rows[row] + kScaleBytes) : nullptr;
      for (int64_t k = 0; k < cols; ++k)
        out[(k / 4 * kRowBlock + row) * 4 + k % 4] = uint8_t(kZero + (values ? values[k] : 0));
      uint8_t *scale = out + groups * sizeof(Q8RGroup) + row * kScaleBytes;
      if (values)
        std::memcpy(scale, rows[row], kScaleBytes);
      else
        std::memset(scale, 0, kScaleBytes);
    }
  }

  void quantizeRow(const float *values, int64_t cols, uint8_t *source) const override {
    float largest = 0;
    for (int64_t k = 0; k < cols; ++k)
      largest = std::max(largest, std::fabs(values[k]));
    // Smaller rows are zero: 1 / scale would leave the floats.
    const float scale = largest >= 0x1p-100f ? largest / 127 : 0;
    const float inverse = scale > 0 ? 1 / scale : 0;
    std::memcpy(source, &scale, kScaleBytes);
    auto *out = reinterpret_cast<int8_t *>(source + kScaleBytes);
    for (int64_t k = 0; k < cols; ++k)
      out[k] = int8_t(std::nearbyint(values[k] * inverse));
  }

  void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const override {
    float scale;
    std::memcpy(&scale, source, kScaleBytes);
    const auto *values = reinterpret_cast<const int8_t *>(source + kScaleBytes);
    for (int64_t k = 0; k < cols; ++k)
      out[k] = scale * float(values[k]);
  }

  void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const override {
    float scale;
    std::memcpy(&scale, block + cols / kQ8RColumns * int64_t(sizeof(Q8RGroup)) + row * kScaleBytes,
                kScaleBytes);
    for (int64_t k = 0; k < cols; ++k)
      out[k] = scale * float(block[(k / 4 * kRowBlock + row) * 4 + k % 4] - kZero);
  }

private:
  static constexpr GroupLayout kLayout = {.valueBits = 8,
                                          .zeroPoint = kZero,
                                          .groupBytes = sizeof(Q8RGroup),
                                          .scaleOffset = -1,
                                          .minimumOffset = -1,
                                          .rowScale = true};
};

constexpr Q8RFormat kQ8R;

} // namespace

const Format &ingot::formatQ8R = kQ8R;
