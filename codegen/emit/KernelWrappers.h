//===- KernelWrappers.h - Typed calls of kernels in emitted code ----------===//
#ifndef INGOT_CODEGEN_EMIT_KERNELWRAPPERS_H
#define INGOT_CODEGEN_EMIT_KERNELWRAPPERS_H

#include "codegen/Kernel.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace ingot {

/// The C type behind a pointer to elements of `type`.
const char *cTypeOf(KernelType type);

/// True for every view of a weight matrix: they share one pointer.
bool isWeightView(const KernelArg &arg);

/// True for every view of a KV slot: they share one pointer too.
bool isSlotView(const KernelArg &arg);

/// The name of the wrapper: the symbol without prefix and level.
std::string wrapperName(const KernelSpec &spec);

/// Prints the declaration of the kernel's symbol and an inline wrapper that
/// takes plain pointers:
///
///   void matvec_i8_q4_1_960x576(int32_t begin, int32_t end, const int8_t *q, ..., float *y)
void printKernelWrapper(llvm::raw_ostream &os, const KernelSpec &spec,
                        const KernelSignature &signature, const std::string &symbol);

} // namespace ingot

#endif // INGOT_CODEGEN_EMIT_KERNELWRAPPERS_H
