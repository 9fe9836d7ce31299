//===- KernelText.h - Kernels that are written here, not by Halide --------===//
#ifndef INGOT_TARGETS_ARM64_KERNELTEXT_H
#define INGOT_TARGETS_ARM64_KERNELTEXT_H

#include "codegen/Kernel.h"

namespace ingot {

/// Level::kernelText of i8mm: matmat of bytes, by the matrix instruction.
std::string arm64MatrixKernel(const KernelSpec &spec, std::string_view symbol);

/// Level::kernelText of dotprod: matmat of groups of bytes, for 8 tokens and more.
std::string arm64DotKernel(const KernelSpec &spec, std::string_view symbol);

} // namespace ingot

#endif // INGOT_TARGETS_ARM64_KERNELTEXT_H
