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

/// The inputs of a product, `tokens` being 1 or kDynamic.
///   floats:    x f32[tokens][cols]; weights
///   quantised: q i8[tokens][cols]; scale, sum f32[tokens][cols/32]; the views
///              weights, weights_scale and, with a minimum, weights_minimum
/// `sum` is the exact integer sum of a group's q, as a float, not scaled.
std::vector<KernelArg> productArgs(const Format &format, int64_t rows, int64_t cols,
                                   int64_t tokens);

/// The weight format that an algorithm's name ends with ("matvec_i8_q4_1"), or
/// null.
const Format *productFormat(std::string_view algorithm);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_PRODUCTSPEC_H
