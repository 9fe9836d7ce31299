//===- KernelText.h - Kernels that are written here, not by Halide --------===//
#ifndef INGOT_TARGETS_X86_KERNELTEXT_H
#define INGOT_TARGETS_X86_KERNELTEXT_H

#include "codegen/Kernel.h"

namespace ingot {

/// Level::kernelText of avx2: all products of bytes, by vpmaddubsw.
std::string x86Avx2Kernel(const KernelSpec &spec, std::string_view symbol);

/// Level::kernelText of avxvnni: all products of bytes, by vpdpbusd.
std::string x86AvxVnniKernel(const KernelSpec &spec, std::string_view symbol);

/// Level::kernelText of amx: matmat of bytes, by tiles.
std::string x86AmxKernel(const KernelSpec &spec, std::string_view symbol);

} // namespace ingot

#endif // INGOT_TARGETS_X86_KERNELTEXT_H
