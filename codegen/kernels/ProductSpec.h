//===- ProductSpec.h - Arguments of packed weights and activations --------===//
//
// What matvec and matmat share of their signatures; halide-free.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_PRODUCTSPEC_H
#define INGOT_CODEGEN_KERNELS_PRODUCTSPEC_H

#include "codegen/Kernel.h"
#include "codegen/formats/Format.h"

namespace ingot {

/// How the activations of a product are encoded: the second word of its name.
enum class Activation : uint8_t {
  F32, ///< f32: floats
  I8,  ///< i8: 8 bits, a scale for each group of 32 columns
  I8T, ///< i8t: 8 bits, a scale for each token
};

/// The inputs of a product, `tokens` being 1 or kDynamic.
///   f32: x f32[tokens][cols]; weights
///   i8:  q i8[tokens][cols]; scale, sum f32[tokens][cols/32]; then the views of
///        the weights that the format has: weights, weights_scale,
///        weights_minimum, weights_zero, weights_row_scale
///   i8t: the same with scale, sum f32[tokens][1]
/// `sum` is the exact integer sum of a group's q, as a float, not scaled.
std::vector<KernelArg> productArgs(const Format &format, Activation activation, int64_t rows,
                                   int64_t cols, int64_t tokens);

/// The weight format that an algorithm's name ends with ("matvec_i8_q4_1"), or
/// null.
const Format *productFormat(std::string_view algorithm);

/// The encoding of the activations in such a name.
Activation productActivation(std::string_view algorithm);

/// Columns of a product with `i8t`: more would overflow its integer sums of
/// products of up to 255 * 127.
inline constexpr int64_t kMaxTokenColumns = 1 << 16;

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_PRODUCTSPEC_H
