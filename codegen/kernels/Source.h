//===- Source.h - Kernels as portable C++ ---------------------------------===//
//
// Halide prints C++ too. Its vectors become a template library of some thousand
// lines in every file; as plain loops over the lanes, which compilers vectorize
// by themselves, a kernel is a page that one can read.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_SOURCE_H
#define INGOT_CODEGEN_KERNELS_SOURCE_H

#include <Halide.h>

#include <string>

namespace ingot {

/// Makes every vectorized loop of `pipeline` a plain one, which leaves the order
/// in which a lane's values are added, and its constants printable.
void prepareSource(Halide::Pipeline &pipeline);

/// Replaces what Halide prints in front of the function `symbol` in the file
/// `path` by an include of kernel.h, which has the few helpers that are used.
void rewriteSource(const std::string &symbol, const std::string &path);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_SOURCE_H
