//===- KvStore.h - Keys and values into the cache -------------------------===//
//
// kv_store_k_<f16|f32|q8>, kv_store_v_<f16|f32|q8>: the k rows (roped) or the v
// rows of the fused QKV product go to the slot, in the layout of KvLayout.h.
//
//   heads, kv_heads, head_dim, unit   as in Rope.h; unit is kvUnit(kind,
//                                     head_dim)
//
// Arguments: rows, begin, end (units of k or v), position; qkv, cs (k only) as
// in Rope.h; kv_keys or kv_values, and kv_key_scales or kv_value_scales (q8).
// All kv_ buffers get the slot's address plus their byteOffset.
//
//   f16: rounded to nearest even, beyond 65504 bounded, so that a cache never
//        holds an infinity that a finite number became
//   q8:  scale = max|x| / 127 over the unit, as f16; q = x / scale rounded to
//        nearest even, within +-127. The scale that was rounded is the one that
//        divides.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_KVSTORE_H
#define INGOT_CODEGEN_KERNELS_KVSTORE_H

#include "codegen/kernels/KvStoreSpec.h"
#include "codegen/kernels/Rope.h"

namespace ingot {

struct KvStore : KernelStages {
  bool keys = false; ///< or values
  KvLayout layout{KvKind::F16, 1, 1};
  Halide::Var index{"index"}, item{"item"}, quad{"quad"}, unit{"unit"}, row{"row"};
  Halide::RDom share; ///< {row, unit}

  /// The unit's floats, one for each output: scales, then store.
  std::vector<Halide::Func> values; ///< (index, unit, row)

  /// q8 only.
  Halide::Func largest{"largest"}; ///< (unit, row), one update over inUnit
  Halide::RDom inUnit;
  Halide::Func scales{"kv_scales"}; ///< one update over share

  /// Update 0 over share. Values: `index` is a dim of the unit. Keys: `item` of
  /// `quad`, which is a dim where the layout has no quads.
  Halide::Func store{"kv_store"};
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_KVSTORE_H
