//===- Polynomials.cpp - exp, sin and cos without a library ---------------===//

#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

/// c[0] + x * (c[1] + x * (...)).
static Expr horner(Expr x, std::initializer_list<float> coefficients) {
  Expr sum;
  for (const float *c = std::rbegin(coefficients).base(); c != coefficients.begin();) {
    --c;
    sum = sum.defined() ? sum * x + *c : Expr(*c);
  }
  return sum;
}

// Adding 1.5 * 2^23 leaves no bit for a fraction: the sum is rounded by the
// addition itself, and the subtraction is exact. No rounding instruction, which
// the base levels lack and would call a library for.
Expr ingot::roundToEven(Expr x) { return (x + 12582912.0f) - 12582912.0f; }

// e^x = 2^n * e^r with n = round(x / ln 2) and r = x - n * ln 2, |r| <= 0.347.
// ln 2 is split in two floats, the first with 15 zero bits at its end, so that
// n * high is exact. The polynomial is the series with the last coefficients
// fitted (Cephes expf): 2e-8 relative over the interval.
Expr ingot::expPolynomial(Expr x) {
  Expr bounded = max(min(x, 88.0f), -87.0f);
  Expr n = roundToEven(bounded * 1.44269504088896341f);
  Expr r = (bounded - n * 0.693359375f) - n * -2.12194440e-4f;
  Expr tail = horner(r, {5.0000001201e-1f, 1.6666665459e-1f, 4.1665795894e-2f, 8.3334519073e-3f,
                         1.3981999507e-3f, 1.9875691500e-4f});
  Expr mantissa = (tail * (r * r) + r) + 1.0f;
  return mantissa * reinterpret<float>((cast<int32_t>(n) + 127) << 23);
}

// n = round(angle * 2 / pi) has up to 20 bits, so n * (pi / 2) needs more than
// a float has: the remainder r is taken in double, where it is wrong by less
// than 2^-32. There are head_dim / 2 angles a token, so doubles cost nothing.
// Then sin and cos of |r| <= pi / 4 (Cephes sinf, cosf), chosen by quadrant.
Expr ingot::sineOrCosine(Expr angle, Expr wantSine) {
  Expr wide = cast<double>(angle);
  const Expr magic = Expr(6755399441055744.0); // 1.5 * 2^52, as in roundToEven
  Expr n = (wide * Expr(0.63661977236758134308) + magic) - magic;
  Expr r = cast<float>(wide - n * Expr(1.57079632679489661923));
  Expr r2 = r * r;
  Expr sine = horner(r2, {-1.6666654611e-1f, 8.3321608736e-3f, -1.9515295891e-4f}) * r2 * r + r;
  Expr cosine =
      horner(r2, {4.166664568298827e-2f, -1.388731625493765e-3f, 2.443315711809948e-5f}) * r2 * r2 -
      0.5f * r2 + 1.0f;
  // Cosine is sine a quadrant further on.
  Expr quadrant = (cast<int32_t>(n) + select(wantSine, 0, 1)) & 3;
  Expr value = select((quadrant & 1) == 0, sine, cosine);
  return select((quadrant & 2) == 0, value, -value);
}
