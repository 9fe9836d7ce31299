//===- LaneReduction.cpp - From many lanes to one number ------------------===//

#include "codegen/kernels/LaneReduction.h"

#include <algorithm>

using namespace ingot;
using namespace Halide;

LaneReduction::LaneReduction(const std::string &name, Func lanes, int count,
                             const std::vector<Var> &others,
                             const std::function<Expr(Expr, Expr)> &combine)
    : result(name) {
  const auto at = [&](Func &f, Expr index) {
    std::vector<Expr> args{index};
    args.insert(args.end(), others.begin(), others.end());
    return f(args);
  };
  Func wide = lanes;
  for (; count > 2; count /= 2) {
    Func half(name + std::to_string(count / 2));
    std::vector<Var> args{lane};
    args.insert(args.end(), others.begin(), others.end());
    half(args) = combine(at(wide, lane), at(wide, lane + count / 2));
    halvings.push_back(half);
    counts.push_back(count / 2);
    wide = half;
  }
  result(others) = combine(at(wide, 0), at(wide, 1));
}

void LaneReduction::computeAt(LoopLevel at, int vectorLanes) {
  for (size_t i = 0; i < halvings.size(); ++i)
    halvings[i]
        .compute_at(at)
        .bound(lane, 0, counts[i])
        .vectorize(lane, std::min(counts[i], vectorLanes))
        .unroll(lane);
  result.compute_at(at);
}

void LaneReduction::unroll(const Var &other, int extent) {
  for (Func &half : halvings)
    half.bound(other, 0, extent).unroll(other);
  result.bound(other, 0, extent).unroll(other);
}

Expr ingot::addLanes(Expr a, Expr b) { return a + b; }
Expr ingot::maxLanes(Expr a, Expr b) { return max(a, b); }
