// y = g / (1 + e^-g) * u
//
// With t = |g| and e = e^-t, which is at most 1, the sigmoid is 1 / (1 + e) for g >= 0 and
// e / (1 + e) for g < 0. Of e = 2^-n * m, 1/2 < m <= 1, both m and n are kept, so that a small one
// is as good as a large one, and
//
//   y = 2^(exponents of g and u, less n where g < 0) * (mantissas of both) * (m or 1) / (1 + e)
//
// is a product in words, 1/3 to 4, that is normalised and rounded once. Its error is below 1.5 ulp
// (2^-24 is half of one): t is cut to units of 2^-24, which no t of a half or more feels; log2(e)
// in Q30 is off by 2^-31.6, at t = 128 2^-24.6; the polynomials by 2^-28, products by less.
//
// A gate below -128 counts as -128 in e, and is as good as 0. What becomes less than 2^-126 is 0,
// and what of g or u is infinite or no number makes y no number.

namespace {

// 2^-f, 0 <= f < 1, in Q30: interpolation at Chebyshev's points, 2^-28.
constexpr int32_t kPowers[] = {1073741823, -744260973, 257938912, -59582935,
                               10286296,   -1369601,   117391};
// 1 / (1 + 2 y) in Q28: (1 - T(4 y - 1) / T(3)) / (1 + 2 y), T the Chebyshev polynomial of degree
// 4. T(3) is 577, so it is off by less than 1 / 577.
constexpr int32_t kInverses[] = {267970230, -506165990, 714587280, -476391520};
constexpr uint32_t kLog2E = 1549082005; // Q30
constexpr uint32_t kInfinity = 0x7f800000, kNan = 0x7fc00000;

// 1 / (1 + e) in Q30 for e in Q30, where d = 1 + e may be 2^31 - 1 for 2. With r off by h, 1 - d r
// = h, the series r (1 + h + h^2) is off by h^3, less than 2^-27.
inline Words inverseOfSum(Words e) {
  const Words d = Q6_Vw_vadd_VwVw_sat(e, splat(1 << 30));
  const Words r = Q6_Vw_vasl_VwR(horner(e, kInverses), 2);
  const Words h = Q6_Vw_vasl_VwR(Q6_Vw_vsub_VwVw(splat(1 << 29), multiply(d, r)), 2); // Q31
  return Q6_Vw_vadd_VwVw(r, multiply(r, Q6_Vw_vadd_VwVw(h, multiply(h, h))));
}

inline Words gated(Words gate, Words up) {
  const Words g = magnitude(gate), u = magnitude(up);
  const Words gExponent = exponent(g), gMantissa = mantissa(gate);
  const HVX_VectorPred negative = Q6_Q_vcmp_gt_VwVw(splat(0), gate);

  // t in Q24, less than 128, and -log2 of e: n and f, which is Q31.
  const Words places = Q6_Vw_vmin_VwVw(Q6_Vw_vsub_VwVw(splat(127 + 6), gExponent), splat(31));
  const Words t = Q6_V_vmux_QVV(Q6_Q_vcmp_gt_VwVw(gExponent, splat(127 + 6)), splat(0x7fffffff),
                                Q6_Vw_vlsr_VwVw(gMantissa, places));
  const HVX_VectorPair log = multiplyWide(t, splat(kLog2E)); // Q54
  const Words n = Q6_Vuw_vlsr_VuwR(Q6_V_hi_W(log), 22);
  const Words f = magnitude(
      Q6_V_vor_VV(Q6_Vw_vasl_VwR(Q6_V_hi_W(log), 9), Q6_Vuw_vlsr_VuwR(Q6_V_lo_W(log), 23)));
  const Words m = horner(f, kPowers);
  const Words r = inverseOfSum(Q6_Vw_vlsr_VwVw(m, Q6_Vw_vmin_VwVw(n, splat(31))));

  // The sigmoid without 2^-n in Q30, 1/3 to 1; then Q29 and Q28.
  const Words sigmoid = Q6_V_vmux_QVV(negative, multiply(Q6_Vw_vadd_VwVw_sat(r, r), m), r);
  const Words product = multiply(multiply(sigmoid, gMantissa), mantissa(up));
  const Words shift = Q6_Vw_vnormamt_Vw(product);
  const Words rounded =
      Q6_Vuw_vlsr_VuwR(Q6_Vw_vadd_VwVw(Q6_Vw_vasl_VwVw(product, shift), splat(1 << 6)), 7);

  // The mantissa brings its first bit, a one, to the exponent.
  const Words scale = Q6_Vw_vadd_VwVw(shift, Q6_V_vmux_QVV(negative, n, splat(0)));
  const Words y = Q6_Vw_vsub_VwVw(Q6_Vw_vadd_VwVw(gExponent, exponent(u)),
                                  Q6_Vw_vadd_VwVw(scale, splat(127 - 2 + 1)));
  Words bits = Q6_Vw_vadd_VwVw(Q6_Vw_vasl_VwR(y, 23), rounded);
  bits = Q6_V_vmux_QVV(Q6_Q_vcmp_gt_VwVw(y, splat(253)), splat(kInfinity), bits);
  const HVX_VectorPred vanishes = Q6_Q_or_QQ(
      Q6_Q_vcmp_gt_VwVw(splat(0), y), Q6_Q_vcmp_gt_VwVw(splat(1 << 23), Q6_Vw_vmin_VwVw(g, u)));
  bits = Q6_V_vmux_QVV(vanishes, splat(0), bits);
  bits = Q6_V_vmux_QVV(Q6_Q_vcmp_gt_VwVw(Q6_Vw_vmax_VwVw(g, u), splat(kInfinity - 1)), splat(kNan),
                       bits);
  return Q6_V_vor_VV(bits, Q6_V_vand_VV(Q6_V_vxor_VV(gate, up), splat(0x80000000)));
}

} // namespace
