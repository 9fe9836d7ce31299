//===- LaneReduction.h - From many lanes to one number --------------------===//
//
// Sums whose order must not depend on a vector's width: the lanes are a
// dimension of the maths, and they are halved, upper half onto lower, until one
// is left. Schedules vectorise each halving.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_LANEREDUCTION_H
#define INGOT_CODEGEN_KERNELS_LANEREDUCTION_H

#include <Halide.h>

#include <functional>
#include <vector>

namespace ingot {

struct LaneReduction {
  Halide::Var lane{"lane"};
  std::vector<Halide::Func> halvings; ///< (lane, others...), widest first
  Halide::Func result;                ///< (others...): one number

  /// Reduces dimension 0 of `lanes`, which has `count` (a power of two, >= 2).
  LaneReduction() = default;
  LaneReduction(const std::string &name, Halide::Func lanes, int count,
                const std::vector<Halide::Var> &others,
                const std::function<Halide::Expr(Halide::Expr, Halide::Expr)> &combine);

  /// Computes all of it at `at`, `vectorLanes` at a time.
  void computeAt(Halide::LoopLevel at, int vectorLanes);
  /// The same for every value of `other` in [0, extent) side by side: what one
  /// halving leaves stays in registers for the next.
  void unroll(const Halide::Var &other, int extent);

private:
  std::vector<int> counts;
};

Halide::Expr addLanes(Halide::Expr a, Halide::Expr b);
Halide::Expr maxLanes(Halide::Expr a, Halide::Expr b);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_LANEREDUCTION_H
