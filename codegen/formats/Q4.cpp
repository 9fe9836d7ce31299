//===- Q4.cpp - q4_0, q4_1: 4 bits in groups of 32 ------------------------===//

#include "codegen/formats/Q4.h"
#include "codegen/formats/Half.h"

#include <cstring>

using namespace ingot;

namespace {

/// A nibble of a source block.
int sourceNibble(const uint8_t *values, int column) {
  return column < 16 ? values[column] & 15 : values[column - 16] >> 4;
}

/// A nibble of a packed group.
int packedNibble(const uint8_t values[4][kRowBlock][4], int row, int column) {
  const uint8_t byte = values[column / 8][row][column % 4];
  return column % 8 < 4 ? byte & 15 : byte >> 4;
}

uint16_t loadHalf(const uint8_t bytes[2]) { return uint16_t(bytes[0] | bytes[1] << 8); }

/// What differs between the two formats: whether there is a minimum, and what
/// a nibble means.
struct Q4_0Traits {
  using Source = Q4_0Source;
  using Group = Q4_0Group;
  static constexpr const char *kName = "q4_0";
  static constexpr GroupLayout kLayout = {.valueBits = 4,
                                          .zeroPoint = 8,
                                          .groupBytes = sizeof(Group),
                                          .scaleOffset = offsetof(Group, scale),
                                          .minimumOffset = -1};
  static void packMinimum(const Source *, Group &, int) {}
  static float value(const Source &s, int nibble) {
    return halfToFloat(loadHalf(s.scale)) * float(nibble - 8);
  }
  static float value(const Group &g, int row, int nibble) {
    return halfToFloat(g.scale[row]) * float(nibble - 8);
  }
};

struct Q4_1Traits {
  using Source = Q4_1Source;
  using Group = Q4_1Group;
  static constexpr const char *kName = "q4_1";
  static constexpr GroupLayout kLayout = {.valueBits = 4,
                                          .zeroPoint = 0,
                                          .groupBytes = sizeof(Group),
                                          .scaleOffset = offsetof(Group, scale),
                                          .minimumOffset = offsetof(Group, minimum)};
  static void packMinimum(const Source *s, Group &g, int row) {
    g.minimum[row] = s ? loadHalf(s->minimum) : 0;
  }
  // scale * nibble is exact in a float (11 bits by 4), so a contraction to a
  // fused multiply-add would give the same value.
  static float value(const Source &s, int nibble) {
    return halfToFloat(loadHalf(s.scale)) * float(nibble) + halfToFloat(loadHalf(s.minimum));
  }
  static float value(const Group &g, int row, int nibble) {
    return halfToFloat(g.scale[row]) * float(nibble) + halfToFloat(g.minimum[row]);
  }
};

template <typename Traits> class Q4Format final : public Format {
  using Source = typename Traits::Source;
  using Group = typename Traits::Group;

public:
  std::string_view name() const override { return Traits::kName; }
  int64_t group() const override { return kQ4Columns; }
  double bitsPerWeight() const override {
    return 8.0 * sizeof(Group) / double(kRowBlock * kQ4Columns);
  }
  bool quantized() const override { return true; }
  const GroupLayout &layout() const override { return Traits::kLayout; }
  size_t sourceRowBytes(int64_t cols) const override {
    return size_t(cols / kQ4Columns) * sizeof(Source);
  }
  size_t packedBlockBytes(int64_t cols) const override {
    return size_t(cols / kQ4Columns) * sizeof(Group);
  }

  void packRowBlock(std::span<const uint8_t *const, kRowBlock> rows, int64_t cols,
                    uint8_t *out) const override {
    for (int64_t g = 0; g < cols / kQ4Columns; ++g) {
      Group packed;
      for (int row = 0; row < kRowBlock; ++row) {
        const auto *source = rows[row] ? reinterpret_cast<const Source *>(rows[row]) + g : nullptr;
        packRow(source, row, packed);
      }
      std::memcpy(out + g * sizeof(Group), &packed, sizeof(Group));
    }
  }

  void dequantizeRow(const uint8_t *source, int64_t cols, float *out) const override {
    const auto *blocks = reinterpret_cast<const Source *>(source);
    for (int64_t k = 0; k < cols; ++k) {
      const Source &block = blocks[k / kQ4Columns];
      out[k] = Traits::value(block, sourceNibble(block.values, int(k % kQ4Columns)));
    }
  }

  void unpackRow(const uint8_t *block, int row, int64_t cols, float *out) const override {
    for (int64_t k = 0; k < cols; ++k) {
      Group packed;
      std::memcpy(&packed, block + k / kQ4Columns * sizeof(Group), sizeof(Group));
      out[k] = Traits::value(packed, row, packedNibble(packed.values, row, int(k % kQ4Columns)));
    }
  }

private:
  /// A missing row is a row of zeros: its scale (and minimum) are zero, and its
  /// nibbles the zero point, or the zeros would be negative.
  static void packRow(const Source *source, int row, Group &packed) {
    packed.scale[row] = source ? loadHalf(source->scale) : 0;
    Traits::packMinimum(source, packed, row);
    constexpr uint8_t kZero = Traits::kLayout.zeroPoint * 17;
    for (int v = 0; v < 4; ++v)
      for (int i = 0; i < 4; ++i)
        packed.values[v][row][i] = source
                                       ? uint8_t(sourceNibble(source->values, 8 * v + i) |
                                                 sourceNibble(source->values, 8 * v + 4 + i) << 4)
                                       : kZero;
  }
};

constexpr Q4Format<Q4_0Traits> kQ4_0;
constexpr Q4Format<Q4_1Traits> kQ4_1;

} // namespace

const Format &ingot::formatQ4_0 = kQ4_0;
const Format &ingot::formatQ4_1 = kQ4_1;
