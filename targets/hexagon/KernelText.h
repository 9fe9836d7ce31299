//===- KernelText.h - Kernels that are written here, not by Halide --------===//
#ifndef INGOT_TARGETS_HEXAGON_KERNELTEXT_H
#define INGOT_TARGETS_HEXAGON_KERNELTEXT_H

#include "codegen/Kernel.h"

namespace ingot {

/// Level::kernelText: floats in vectors of integers, which Halide would compute one by one.
std::string hexagonFloatKernel(const KernelSpec &spec, std::string_view symbol);

} // namespace ingot

#endif // INGOT_TARGETS_HEXAGON_KERNELTEXT_H
