//===- RopeQBytes.h - Queries that meet keys of bytes ---------------------===//
//
// rope_q_q8: what rope_q gives (Rope.h), in 8 bits, each unit of dims with a
// scale of its own, as QuantizedRows.h rounds activations:
//
//   scale = max|v| / 127, 0 where max|v| < 2^-100;  q = v / scale, to the nearest
//   even;  sum = the sum of the q
//
//   heads, kv_heads, head_dim, unit   unit is kvUnit(q8, head_dim)
//
// Arguments: rows, begin, end (units of q); qkv, cs as in Rope.h;
// q i8[M][units of all heads][unit, filled up with zeros to whole quads],
// q_scale, q_sum f32[M][units of all heads].
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ROPEQBYTES_H
#define INGOT_CODEGEN_KERNELS_ROPEQBYTES_H

#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Rope.h"

namespace ingot {

struct RopeQBytes : KernelStages {
  int unit = 0, stored = 0; ///< dims of a unit, and with what fills it up
  Halide::Var index{"index"}, at{"at"}, row{"row"};
  Halide::RDom share;    ///< {unit, row}
  Halide::RDom inStored; ///< the bytes of a unit

  /// (index, unit, row): the floats, one for each pass: scale, then q.
  Halide::Func forScale{"for_scale"}, forQ{"for_q"};
  Halide::Func magnitude{"magnitude"}; ///< (index, unit, row), 0 behind the unit's end
  LaneReduction largest;               ///< over index
  Halide::Func scale{"q_scale"};       ///< (unit, row), update 0 over share
  Halide::Func q{"q"};                 ///< (index, unit, row), update 0 over share
  Halide::Func total{"total"};         ///< (unit, row), int32, one update over inStored
  Halide::Func sum{"q_sum"};           ///< (unit, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ROPEQBYTES_H
