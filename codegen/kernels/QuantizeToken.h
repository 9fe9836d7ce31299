//===- QuantizeToken.h - Activations to 8 bits, one scale a token ---------===//
//
// quantize_token: what QuantizedRows.h says, with the whole row for a group.
//
//   cols   a multiple of 32
//
// Arguments: begin, end (token rows); x f32[M][cols]; q i8[M][cols],
// scale f32[M][1], sum f32[M][1].
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_QUANTIZETOKEN_H
#define INGOT_CODEGEN_KERNELS_QUANTIZETOKEN_H

#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

/// Lanes of the search for the largest magnitude and of the sum.
inline constexpr int kTokenLanes = 32;

struct QuantizeToken : KernelStages {
  Halide::Var lane{"lane"}, col{"col"}, one{"one"}, row{"row"};
  Halide::RDom share;  ///< token rows
  Halide::RDom chunks; ///< a row's chunks of kTokenLanes columns

  Halide::Func laneLargest{"lane_largest"}; ///< (lane, row), one update over chunks
  LaneReduction largest;
  Halide::Func laneTotal{"lane_total"}; ///< (lane, row), int32, one update over chunks
  LaneReduction total;

  Halide::Func scale{"scale"}; ///< (one, row), update 0 over share
  Halide::Func q{"q"};         ///< (col, row), update 0 over share
  Halide::Func sum{"sum"};     ///< (one, row), update 0 over share
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_QUANTIZETOKEN_H
