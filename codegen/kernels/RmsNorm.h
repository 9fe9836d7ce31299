//===- RmsNorm.h - Root-mean-square norm ----------------------------------===//
//
//   y = x * (1 / sqrt(mean(x^2) + eps)) * weight
//
// The squares are added in 32 lanes, lane l taking columns l, l + 32, ... in
// order, and the lanes are then halved onto each other.
//
//   cols      any; a multiple of 32 for rms_norm_quantize
//   eps_bits  the bits of eps as a float
//
// rms_norm           begin, end (token rows); x f32[M][cols], weight f32[cols];
//                    y f32[M][cols]
// rms_norm_quantize  the same inputs; q, scale, sum as in Quantize.h
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_RMSNORM_H
#define INGOT_CODEGEN_KERNELS_RMSNORM_H

#include "codegen/kernels/QuantizedRows.h"

namespace ingot {

inline constexpr int kNormLanes = 32;

/// 1 / sqrt(mean(x^2) + eps) of a row, in the stages of one pass.
struct InverseRms {
  Halide::Func squares{"squares"}; ///< (lane, row): updates over fullDom and restDom, where defined
  Halide::RDom fullDom, restDom;
  LaneReduction total;
  Halide::Func inverse{"inverse"}; ///< (row)
};

struct RmsNorm : KernelStages {
  Halide::Var col{"col"}, lane{"lane"}, row{"row"};
  bool quantizes = false;
  std::vector<InverseRms> passes; ///< for y; or for scale, then q
  Halide::RDom share;
  Halide::Func y{"y"}; ///< (col, row), update 0 over share; unless it quantises
  QuantizedRows quantized;
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_RMSNORM_H
