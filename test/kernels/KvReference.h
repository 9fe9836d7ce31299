//===- KvReference.h - The cache, one number at a time --------------------===//
//
// Reads and writes single keys and values by the formulas of KvLayout.h's doc
// block, written out again: the oracle of the views that kernels use.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_KVREFERENCE_H
#define INGOT_TEST_KERNELS_KVREFERENCE_H

#include "codegen/formats/Half.h"
#include "codegen/kernels/KvLayout.h"

#include <cstring>
#include <vector>

namespace ingot::test {

struct KvSlot {
  KvLayout layout;
  std::vector<uint8_t> bytes; ///< what was never written is 0xff: NaNs, and bytes of -1

  KvSlot(const KvLayout &layout, int64_t capacity)
      : layout(layout), bytes(size_t(layout.slotBytes(capacity)), 0xff) {}

  struct Place {
    size_t element, scale;
  };

  Place key(int64_t head, int64_t position, int64_t dim) const {
    return inRun(part(head, position), position, dim * 16 + position % 16, dim);
  }

  Place value(int64_t head, int64_t position, int64_t dim) const {
    return inRun(part(head, position) + 64 * perPosition(), position,
                 position % 16 * layout.headDim + dim, dim);
  }

  float get(Place at) const {
    if (layout.kind == KvKind::Q8)
      return float(int8_t(bytes[at.element])) * half(at.scale);
    if (layout.kind == KvKind::F16)
      return half(at.element);
    float value;
    std::memcpy(&value, &bytes[at.element], 4);
    return value;
  }

  /// f16, f32: the value, rounded. q8: value / scale, which must be a byte.
  void set(Place at, float value, float scale) {
    if (layout.kind == KvKind::F32) {
      std::memcpy(&bytes[at.element], &value, 4);
      return;
    }
    const uint16_t bits = floatToHalf(layout.kind == KvKind::Q8 ? scale : value);
    std::memcpy(&bytes[layout.kind == KvKind::Q8 ? at.scale : at.element], &bits, 2);
    if (layout.kind == KvKind::Q8)
      bytes[at.element] = uint8_t(int8_t(value / halfToFloat(bits)));
  }

  float half(size_t at) const {
    uint16_t bits;
    std::memcpy(&bits, &bytes[at], 2);
    return halfToFloat(bits);
  }

private:
  /// Of a head's keys, or of its values.
  int64_t perPosition() const {
    const int64_t groups = layout.headDim / layout.unit;
    return layout.headDim * layout.elementBytes() + (layout.kind == KvKind::Q8 ? 2 * groups : 0);
  }
  int64_t part(int64_t head, int64_t position) const {
    return (position / 64 * layout.kvHeads + head) * 64 * 2 * perPosition();
  }
  Place inRun(int64_t first, int64_t position, int64_t element, int64_t dim) const {
    const int64_t run = first + position % 64 / 16 * 16 * perPosition();
    const int64_t size = layout.elementBytes(), scale = dim / layout.unit * 16 + position % 16;
    return {size_t(run + element * size), size_t(run + 16 * layout.headDim * size + 2 * scale)};
  }
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_KVREFERENCE_H
