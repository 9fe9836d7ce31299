// Activations to 8 bits: the integers of codegen/kernels/QuantizedRows.h, bit for bit.
//
// q is x * inverse, rounded to a float and then to an integer, both times to the nearest and from a
// tie to the even one. Let p be the exact product of the mantissas, 48 bits, v = |x * inverse| its
// value and ulp that of the float. An integer k plus a half is a float with an even mantissa, as
// v < 128, so the first rounding makes it of all v with |v - (k + 1/2)| <= ulp / 2, and the second
// one makes of that the even one of k and k + 1. All other v become the nearest integer. So with
//
//   w = v + 1/2 + ulp / 2
//
// q is the integer below w, and where w is beyond it by ulp or less, the even one of it and of the
// one before. (Where ulp changes, at a power of two, only 1/2 is near a half: it becomes 0.)
//
// The upper word of p has 4 bits less than half an ulp, and a bit more that stands for the lower
// one: enough to compare exactly.

namespace {

// An inverse: its mantissa, and what an exponent is taken from to give the fraction's bits in the
// upper word of a product.
struct Inverse {
  Words mantissa, places;

  // Of zero, which stands for no inverse, the mantissa is 0: all products are.
  explicit Inverse(float inverse) {
    const uint32_t bits = asBits(inverse);
    mantissa = splat(bits ? (bits << 8 | 0x80000000) >> 1 : 0);
    // Products of two mantissas in Q30 are Q60, their upper words Q28.
    places = splat(28 + 2 * 127 - (bits >> 23));
  }
};

// Of 32 floats; |x * inverse| < 128.
inline Words quantized(Words x, const Inverse &inverse) {
  const Words one = splat(1);
  const HVX_VectorPair product = multiplyWide(mantissa(x), inverse.mantissa);
  const Words upper =
      Q6_V_vandor_VQnR(Q6_V_hi_W(product), Q6_Q_vcmp_eq_VwVw(Q6_V_lo_W(product), splat(0)), 1);
  // Bits of the fraction. 31 stands for more, where v is below a quarter: half of it and of an ulp
  // may reach 2^31, but by less than an ulp, so that the integer is 1 and becomes 0.
  const Words places =
      Q6_Vw_vmin_VwVw(Q6_Vw_vsub_VwVw(inverse.places, exponent(magnitude(x))), splat(31));
  const Words unit = Q6_Vw_vasl_VwVw(one, places);
  // The upper word is 2^28 to 2^30, of which a float keeps 24 bits.
  const Words halfUlp = Q6_Vw_vasl_VwVw(splat(16), Q6_Vuw_vlsr_VuwR(upper, 29));
  const Words w = Q6_Vw_vadd_VwVw(Q6_Vw_vadd_VwVw(upper, Q6_Vuw_vlsr_VuwR(unit, 1)), halfUlp);
  const Words rest = Q6_V_vand_VV(w, Q6_Vw_vsub_VwVw(unit, one));
  const Words below = Q6_Vw_vlsr_VwVw(w, places);
  const HVX_VectorPred apart = Q6_Q_vcmp_gt_VwVw(rest, Q6_Vw_vadd_VwVw(halfUlp, halfUlp));
  const Words q = Q6_Vw_condnac_QnVwVw(apart, below, Q6_V_vand_VV(below, one));
  return Q6_V_vmux_QVV(Q6_Q_vcmp_gt_VwVw(splat(0), x), Q6_Vw_vsub_VwVw(splat(0), q), q);
}

// The bytes of four vectors of words.
inline Words packed(const Words (&q)[4]) {
  return Q6_Vb_vpacke_VhVh(Q6_Vh_vpacke_VwVw(q[3], q[2]), Q6_Vh_vpacke_VwVw(q[1], q[0]));
}

// What a group's or token's largest magnitude gives. A NaN is the largest and stays one.
inline float scaleOf(float largest) { return largest < 0x1p-100f ? 0.0f : largest / 127.0f; }
inline Inverse inverseOf(float scale) { return Inverse(scale > 0 ? 1.0f / scale : 0.0f); }

// Up to four groups, in `values`: their bytes, scales and sums.
inline void quantizeGroups(const Words (&values)[4], int groups, uint8_t *q, float *scale,
                           float *sum) {
  Words integers[4];
  for (int g = 0; g < 4; ++g) {
    const float most = asFloat(uint32_t(largestOf(magnitude(values[g]))));
    const float one = scaleOf(most);
    integers[g] = quantized(values[g], inverseOf(one));
    if (g >= groups)
      continue;
    scale[g] = one;
    sum[g] = float(sumOf(integers[g]));
  }
  storeFirst(q, packed(integers), groups * kLanes);
}

} // namespace
