//===- Product.h - Packed weights times activations -----------------------===//
//
// The part that the matrix-vector and the matrix-matrix kernel share: for a
// row (a lane of a row block), a token and a block,
//
//   acc = sum over groups g, in order, of
//     floats:     partial_g = sum over the k of g, in order, of w[k] * x[k]
//     quantised:  (d_g * (sum_k u[k] q[k] - zeroPoint * sum_g) [+ m_g * sum_g]) * scale_g
//
// where u is the stored unsigned value, d and m the weights' scale and minimum,
// q the 8-bit activations, scale_g and sum_g their scale and their (exact) sum
// over the group. Everything before d_g is integer arithmetic below 2^24, exact
// in whatever order and width a machine does it; what follows has one order
// and written roundings. So the result of a row depends neither on the kernel
// nor on the tile it is computed in.
//
// The zero point is taken from the product and not from the weights, because
// products of unsigned by signed bytes are what machines have: 8-bit weights
// are stored plus 128 and need no sums of weights.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_PRODUCT_H
#define INGOT_CODEGEN_KERNELS_PRODUCT_H

#include "codegen/kernels/ProductSpec.h"
#include "codegen/kernels/Stages.h"

namespace ingot {

/// Columns whose partial sum is kept apart in float products; the same number
/// that the quantised formats group by.
inline constexpr int64_t kColumnGroup = 32;

/// Stages of a product.
struct Product {
  Product(const Format &format, int64_t rows, int64_t cols, const Level &level);

  const GroupLayout &layout;
  bool quantized;
  int64_t fullGroups; ///< groups of kColumnGroup columns
  int64_t restCols;   ///< columns after them (floats only)

  Halide::Var lane{"lane"}, token{"token"}, block{"block"}, group{"group"}, half{"half"};

  /// The buffers in the order of productArgs.
  std::vector<Halide::ImageParam> inputs;

  /// Quantised, unless level.dot == Quads32: sums over every second pair of
  /// columns of a group. (half, lane, token, group, block), an update over
  /// {pair, plane, vector}.
  Halide::Func pairs{"pairs"};
  Halide::RDom pairDom;

  /// Quantised: the integer sum of a group. Floats: its partial sum. (lane,
  /// token, group, block), one update.
  Halide::Func sums{"sums"};
  /// Quantised: {column in a quad, plane, vector}, or {half} after pairs.
  /// Floats: {column}.
  Halide::RDom sumDom;

  /// Floats: the partial sum of the columns after the last full group.
  Halide::Func rest{"rest"};
  Halide::RDom restDom;

  /// (lane, token, block); update 0 runs over the groups when there are any,
  /// the last update adds `rest`.
  Halide::Func acc{"acc"};
  Halide::RDom groups;

  bool hasPairs() const { return pairs.defined(); }
  bool hasGroups() const { return fullGroups > 0; }
  bool hasRest() const { return restCols > 0; }

private:
  void defineFloat(const Level &level);
  void defineQuantized(const Level &level);
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_PRODUCT_H
