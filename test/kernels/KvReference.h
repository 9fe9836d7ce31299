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
    const int64_t inBlock = position % 64, inUnit = dim % layout.unit;
    const int64_t quad = dim / layout.unit * unitQuads() + inUnit / 4;
    const int64_t run = inBlock / 16 * 16 * dims();
    return place(
        part(head, position), inBlock, dim,
        run + (bytes8() ? (quad * 16 + position % 16) * 4 + inUnit % 4 : dim * 16 + position % 16));
  }

  Place value(int64_t head, int64_t position, int64_t dim) const {
    const int64_t inBlock = position % 64;
    const int64_t stored = dim / layout.unit * unitQuads() * 4 + dim % layout.unit;
    return place(part(head, position) + 64 * perPosition(), inBlock, dim,
                 bytes8() ? (inBlock / 4 * dims() + stored) * 4 + inBlock % 4
                          : inBlock * layout.headDim + dim);
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
  bool bytes8() const { return layout.kind == KvKind::Q8; }
  int64_t unitQuads() const { return (layout.unit + 3) / 4; }
  /// Of a head, with what fills up quads.
  int64_t dims() const {
    return bytes8() ? layout.headDim / layout.unit * unitQuads() * 4 : layout.headDim;
  }
  /// Bytes of a position's scales, and with its numbers.
  int64_t scaleBytes() const { return bytes8() ? 2 * (layout.headDim / layout.unit) : 0; }
  int64_t perPosition() const { return dims() * layout.elementBytes() + scaleBytes(); }
  int64_t part(int64_t head, int64_t position) const {
    return (position / 64 * layout.kvHeads + head) * 64 * 2 * perPosition();
  }
  /// Of 64 keys or values that begin at `first`.
  Place place(int64_t first, int64_t inBlock, int64_t dim, int64_t element) const {
    return {size_t(first + 64 * scaleBytes() + element * layout.elementBytes()),
            size_t(first + 2 * (dim / layout.unit * 64 + inBlock))};
  }
};

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_KVREFERENCE_H
