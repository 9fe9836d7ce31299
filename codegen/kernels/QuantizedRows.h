//===- QuantizedRows.h - Activations in 8 bits, groups of 32 --------------===//
//
// What the quantising kernels share. For the 32 values v of a group:
//
//   scale = max|v| / 127
//   q     = v * (1 / scale), rounded to the nearest integer, ties to even
//   sum   = the sum of the q: an integer, kept as a float
//
// |q| <= 127 by construction, never -128. A group whose largest magnitude is
// below 2^-100 (zero, or so small that 1 / scale would be infinite) has scale 0
// and q 0. The error of a value is at most half a scale.
//
// There are three outputs and therefore three passes over a thread's rows; the
// values v are computed twice, which is cheaper than writing them down.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_QUANTIZEDROWS_H
#define INGOT_CODEGEN_KERNELS_QUANTIZEDROWS_H

#include "codegen/kernels/LaneReduction.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

/// Values that share a scale; the same number that Product.h groups by.
inline constexpr int kActivationGroup = 32;

struct QuantizedRows {
  /// One value: (index in the group, group, row).
  using Value = std::function<Halide::Expr(Halide::Expr, Halide::Expr, Halide::Expr)>;

  QuantizedRows() = default;
  /// Defines the outputs for the groups and rows of `share` = {group, row}.
  /// `forScale` and `forQ` give the same values; two, since a stage that they
  /// use can be computed in one pass only.
  QuantizedRows(const Value &forScale, const Value &forQ, int64_t cols, Halide::RDom share);

  Halide::Var index{"index"}, group{"group"}, row{"row"};
  Halide::RDom share, inGroup;

  Halide::Func magnitude{"magnitude"}; ///< (index, group, row)
  LaneReduction largest;               ///< over index
  Halide::Func total{"total"};         ///< (group, row), int32, one update over inGroup

  Halide::Func scale{"scale"}; ///< (group, row), update 0 over share
  Halide::Func q{"q"};         ///< (index, group, row), update 0 over share
  Halide::Func sum{"sum"};     ///< (group, row), update 0 over share

  std::vector<Halide::Func> outputs() const { return {q, scale, sum}; }
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_QUANTIZEDROWS_H
