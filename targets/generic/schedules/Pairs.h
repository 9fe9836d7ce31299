//===- Pairs.h - Vectors of rope pairs ------------------------------------===//
#ifndef INGOT_TARGETS_GENERIC_SCHEDULES_PAIRS_H
#define INGOT_TARGETS_GENERIC_SCHEDULES_PAIRS_H

#include <Halide.h>

#include <algorithm>
#include <numeric>

namespace ingot {

/// Pairs of a vector: as many as fit and divide the `dims / 2` pairs evenly.
inline int pairLanes(int vectorBits, int dims) {
  return std::gcd(std::max(vectorBits / 32, 1), dims / 2);
}

/// Both elements of a pair in one iteration, `lanes` pairs at a time. `dim` is
/// the innermost loop of `stage`.
inline void vectorizePairs(Halide::Stage stage, Halide::Var dim, int lanes) {
  Halide::Var pair("pair"), half("half");
  stage.split(dim, pair, half, 2).unroll(half).vectorize(pair, lanes);
}

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_SCHEDULES_PAIRS_H
