//===- KvSlot.h - The KV cache of one run, in the reference ---------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_KVSLOT_H
#define INGOT_DIALECTS_LLM_REFERENCE_KVSLOT_H

#include "codegen/kernels/KvLayout.h" // the KV types and what shares a scale

#include <cstdint>
#include <span>
#include <vector>

namespace ingot::reference {

/// Keys and values as floats that went through the KV type:
///
///   f32   as they are
///   f16   the nearest half, ties to even, magnitudes bounded by 65504
///   q8    scale * q for each unit of dims (kvUnit): scale = max|x| / 127 as a
///         bounded half, q = x * (1 / scale) to the nearest even, in +-127
class KvSlot {
public:
  KvSlot(KvKind kind, int64_t kvHeads, int64_t headDim)
      : kind(kind), kvHeads(kvHeads), headDim(headDim) {}

  /// Stores the heads' keys and values of one position, which may be any up to
  /// positions().
  void store(int64_t position, std::span<const float> key, std::span<const float> value);

  /// A query as it meets the keys: f32 and f16 as it is; q8: scale * q for each
  /// unit, scale = max|x| / 127.
  std::vector<float> query(std::span<const float> q) const;

  int64_t positions() const { return int64_t(keys.size()) / (kvHeads * headDim); }

  std::span<const float> key(int64_t position, int64_t head) const {
    return {keys.data() + (position * kvHeads + head) * headDim, size_t(headDim)};
  }
  std::span<const float> value(int64_t position, int64_t head) const {
    return {values.data() + (position * kvHeads + head) * headDim, size_t(headDim)};
  }

private:
  void round(std::span<const float> from, float *to) const;

  KvKind kind;
  int64_t kvHeads, headDim;
  std::vector<float> keys, values; ///< [position][head][dim]
};

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_KVSLOT_H
