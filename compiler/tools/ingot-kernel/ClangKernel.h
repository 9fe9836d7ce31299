//===- ClangKernel.h - Kernels that clang compiles --------------*- C++ -*-===//
//
// A level may write a kernel as C++ of its own (Level::kernelText). What comes
// of it is what Halide's kernels are: an object with one symbol.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_KERNEL_CLANGKERNEL_H
#define INGOT_COMPILER_TOOLS_INGOT_KERNEL_CLANGKERNEL_H

#include "codegen/Target.h"
#include "codegen/kernels/Compile.h"

#include <string>

namespace ingot {

/// Compiles `text` into `path` by the program `clang`, or writes it there. False with a sentence
/// in `error`; clang has written its own to the error output.
bool compileByClang(const std::string &text, const Target &target, const Level &level,
                    const std::string &clang, KernelEmit emit, const std::string &path,
                    std::string &error);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_KERNEL_CLANGKERNEL_H
