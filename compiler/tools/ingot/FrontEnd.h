//===- FrontEnd.h - From a model to emitted code ----------------*- C++ -*-===//
//
// The steps of `ingot compile` that know the IR: import, passes, emission,
// packing. What they leave is compiled and linked by compiler/driver.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_FRONTEND_H
#define INGOT_COMPILER_TOOLS_INGOT_FRONTEND_H

#include "compiler/driver/CompileJob.h"

namespace ingot {

llvm::Expected<EmittedModel> runFrontEnd(const CompileOptions &options, const FrontEndPaths &paths,
                                         Progress &progress);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_FRONTEND_H
