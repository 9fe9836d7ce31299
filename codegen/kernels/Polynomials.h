//===- Polynomials.h - exp, sin and cos without a library -----------------===//
//
// The same bits on every machine: each function is written out, strict, from
// additions and multiplications only, so that neither a maths library nor the
// optimiser has a say. Products and sums are rounded apart, on every level.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_POLYNOMIALS_H
#define INGOT_CODEGEN_KERNELS_POLYNOMIALS_H

#include <Halide.h>

namespace ingot {

/// The float nearest to `x` that is an integer, ties to even; |x| < 2^22.
Halide::Expr roundToEven(Halide::Expr x);

/// e^x within 2 ulp for -87 <= x <= 88; beyond, the value at the nearer end.
/// exp(0) is exactly 1.
Halide::Expr expPolynomial(Halide::Expr x);

/// The sine or cosine of the float `angle`, |angle| <= 2^20, within 2e-7.
/// `wantSine` is a boolean expression, which costs one selection.
Halide::Expr sineOrCosine(Halide::Expr angle, Halide::Expr wantSine);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_POLYNOMIALS_H
