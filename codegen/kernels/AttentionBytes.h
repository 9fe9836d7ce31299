//===- AttentionBytes.h - Attention over a block, in integers -------------===//
//
// attention_partial_q8: AttentionBlock.h with both products taken in bytes. For
// every unit of dims, whose keys and values share a scale at each position:
//
//   score[p] = sum over units of (q bytes . key bytes) * q scale * key scale[p]
//   weights: step = max value scale / 16383
//            wi[p] = w[p] * (value scale[p] / step), rounded: 14 bits
//   o[d]     = step * sum over p of wi[p] * value byte[p][d]
//
// Both sums are integers below 2^31, exact in whatever order and width. Where
// bytes are multiplied four at a time, wi is cut into two of 7 bits; where pairs
// of 16-bit words are, it stays whole: the same integer.
//
// The rounding of a query (RopeQBytes.h) is what 8-bit activations cost everywhere
// else. That of a weight, 1/32766 of the largest that the block can have, is lost
// in that of the values, 1/254 of their unit's largest.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_ATTENTIONBYTES_H
#define INGOT_CODEGEN_KERNELS_ATTENTIONBYTES_H

#include "codegen/kernels/AttentionBlock.h"

namespace ingot {

struct AttentionBytes : AttentionBlock {
  AttentionBytes(const KernelSpec &spec, const Level &level);

  bool byQuads; ///< four products of bytes at a time; else two of words
  int parts;    ///< of a weight: 2 by quads
  Halide::Var part{"part"}, half{"half"};

  /// By unsigned quads: (u, member, row), what a dot begins with.
  Halide::Func offset{"offset"};
  /// Not by quads: (half, in run, u, run, member, row), one update over dotPairs, {item, quad}.
  Halide::Func dotHalves{"dot_halves"};
  Halide::RDom dotPairs;
  /// (in run, u, run, member, row), one update over {item, quad} or {half}.
  Halide::Func unitDots{"unit_dots"};
  Halide::RDom dotDom;
  Halide::Func dots{"dots"}; ///< (in run, run, member, row), one update over inHead: the units
  Halide::RDom inHead;

  Halide::Func usedScales{"used_scales"}; ///< (p, u, row), 0 where the row sees nothing
  LaneReduction largestScale;             ///< over p
  Halide::Func weightStep{"weight_step"}; ///< (u, row): step
  Halide::Func steps{"steps"};            ///< (p, u, row): value scale[p] / step
  /// (p, u, member, row, part): wi, high part first.
  Halide::Func weightInts{"weight_ints"};

  /// Not by quads: (half, x, u, member, row), over sumPairs, {item, quad of positions}.
  Halide::Func sumHalves{"sum_halves"};
  Halide::RDom sumPairs;
  /// (x, u, member, row, part), over {item, quad of positions} or {half}.
  Halide::Func sums{"sums"};
  Halide::RDom sumDom;

private:
  void defineDots(const Level &level);
  void defineWeights(const Level &level);
  void defineSums();
};

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_ATTENTIONBYTES_H
