//===- Product.h - Packed weights times activations -----------------------===//
//
// The part that the matrix-vector and the matrix-matrix kernel share: for a
// row (a lane of a row block), a token and a block,
//
//   acc = sum over groups g, in order, of
//     floats:     partial_g = sum over the k of g, in order, of w[k] * x[k]
//     quantised:  (d_g * (sum_k u[k] q[k] - zeroPoint * sum_g) [+ m_g * sum_g, rounded last]) * scale_g
//     q4r:        (d_g * (16 * sum_k u[k] q[k] - z_g * sum_g)) * scale_g
//
// where u is the stored unsigned value, d, m and z the weights' scale, minimum
// and zero point, q the 8-bit activations, scale_g and sum_g their scale and
// their (exact) sum over the group. Everything before d_g is integer arithmetic
// below 2^24, exact in whatever order and width a machine does it; what follows
// has one order and written roundings. So the result of a row depends neither
// on the kernel nor on the tile it is computed in.
//
// With one scale a token there are no groups: the whole row is one integer
// product in 32 bits, acc = (sum_k u[k] q[k] - zeroPoint * sum) * scale.
//
// The result is acc, or where a format has a scale a row (q4r: a sixteenth of
// it) acc times that.
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

#include <functional>

namespace ingot {

/// Columns whose partial sum is kept apart in float products; the same number
/// that the quantised formats group by.
inline constexpr int64_t kColumnGroup = 32;

/// Stages of a product.
struct Product {
  Product(const Format &format, Activation activation, int64_t rows, int64_t cols,
          const Level &level);

  const GroupLayout &layout;
  bool quantized;
  bool wholeRow;      ///< activations of one scale a token: no groups
  int64_t fullGroups; ///< groups of kColumnGroup columns
  int64_t restCols;   ///< columns after them (floats only)

  bool nibbles;
  bool byWords; ///< level.dot == Words32: bytes are taken two at a time
  int items;    ///< of a row in a vector: bytes, or words of two
  int planes;   ///< cuts of an item, each of which meets other columns

  Halide::Var lane{"lane"}, token{"token"}, block{"block"}, group{"group"}, half{"half"};
  Halide::Var column{"column"}, part{"part"};
  Halide::Var item{"item"}, plane{"plane"}, vector{"vector"};

  /// The buffers in the order of productArgs.
  std::vector<Halide::ImageParam> inputs;

  /// The product: acc, times the row's scale where the format has one.
  Halide::Expr result(Halide::Expr token, Halide::Expr block);

  /// Quantised, level.dot == SignedBytes16 and not wholeRow: 16-bit sums over
  /// every fourth column of a part of a group. (column, lane, part, token, group,
  /// block), an update over {plane, vector of the part}.
  Halide::Func shorts{"shorts"};
  Halide::RDom shortDom;

  /// Quantised and byWords: the activations as `sums` meets them, in 16 bits.
  /// (item, plane, vector, group, token), all of the first two.
  Halide::Func words{"words"};

  /// Quantised, level.dot == SpreadQuads32: the activations, repeated for every
  /// row of a row block. (item, lane, plane, vector, group, token).
  Halide::Func spread{"spread"};

  /// Quantised, level.dot is a form of pairs or SignedBytes16: sums over every second pair of
  /// columns of a group. (half, lane, token, group, block), an update over
  /// {pair, plane, vector, group of the whole row}, or {pair, part} of shorts.
  Halide::Func pairs{"pairs"};
  Halide::RDom pairDom;

  /// Quantised: the integer sum of a group. Floats: its partial sum. (lane,
  /// token, group, block), one update.
  Halide::Func sums{"sums"};
  /// Quantised: {item, plane, vector, group of the whole row}, or
  /// {half} after pairs. Floats: {column}.
  Halide::RDom sumDom;

  /// Floats: the partial sum of the columns after the last full group.
  Halide::Func rest{"rest"};
  Halide::RDom restDom;

  /// (lane, token, block); update 0 runs over the groups when there are any,
  /// the last update adds `rest`. With wholeRow it has no update.
  Halide::Func acc{"acc"};
  Halide::RDom groups;

  bool hasWords() const { return words.defined(); }
  bool hasSpread() const { return spread.defined(); }
  bool hasPairs() const { return pairs.defined(); }
  bool hasShorts() const { return shorts.defined(); }
  bool hasGroups() const { return fullGroups > 0 && !wholeRow; }
  bool hasRest() const { return restCols > 0; }

private:
  Halide::ImageParam &input(const std::string &name);
  void defineFloat(const Level &level);
  void defineIntegers(const Level &level);
  void defineShorts();
  void defineGroups(const Level &level);
  void defineWholeRow();
  /// The stored value of a weight or what a plane cuts out of a word, and what it
  /// is multiplied with: together `unit` times the product.
  Halide::Expr stored(Halide::Expr item, Halide::Expr plane, Halide::Expr vector,
                      Halide::Expr ofGroup);
  Halide::Expr activation(Halide::Expr item, Halide::Expr plane, Halide::Expr vector,
                          Halide::Expr ofGroup);
  Halide::Expr storedWord(Halide::Expr word, Halide::Expr plane) const;
  Halide::Expr activationWord(const std::function<Halide::Expr(Halide::Expr quad)> &word,
                              Halide::Expr plane) const;

  int unit;         ///< what the products are too large by: a power of two
  bool signedBytes; ///< weights are multiplied as signed bytes
  int lastBlock;    ///< of the matrix
  int zeroPoint;    ///< of the bytes that are multiplied
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_PRODUCT_H
