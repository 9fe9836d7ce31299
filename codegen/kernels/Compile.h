//===- Compile.h - From a kernel's spec to a file -------------------------===//
//
// Halide's name counters are global to the process: equal bytes for equal
// input are promised for the first kernel of a process only, which is why
// `ingot-kernel` compiles one and ends.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_COMPILE_H
#define INGOT_CODEGEN_KERNELS_COMPILE_H

#include "codegen/kernels/Stages.h"

namespace ingot {

/// Source is portable C++, which includes kernel.h of `targets/generic/source`.
enum class KernelEmit { Object, Assembly, Statement, Source };

/// The unscheduled stages of `spec`, or null with a sentence in `error`.
std::unique_ptr<KernelStages> buildKernel(const KernelSpec &spec, const Level &level,
                                          std::string &error);

/// Compiles scheduled stages into `path` under the name `symbol`. Errors go to
/// Halide's error reporter: they are bugs of an algorithm or a schedule.
void compileKernel(const KernelStages &stages, const Level &level, const std::string &symbol,
                   KernelEmit emit, const std::string &path);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_COMPILE_H
