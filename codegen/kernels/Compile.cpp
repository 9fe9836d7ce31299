//===- Compile.cpp - From a kernel's spec to a file -----------------------===//

#include "codegen/kernels/Compile.h"
#include "codegen/kernels/Source.h"

#include <cstdlib>

using namespace ingot;

namespace {

struct BuilderEntry {
  std::string_view algorithm;
  std::unique_ptr<KernelStages> (*build)(const KernelSpec &, const Level &);
};

constexpr BuilderEntry kBuilders[] = {
#define INGOT_ALGORITHM(NAME, F) {#NAME, build##F},
#include "codegen/kernels/Algorithms.def"
};

/// No runtime to link, nothing that can fail at run time, and floats as
/// written: the bits must not depend on what the optimiser feels like.
constexpr const char *kEveryKernel = "-no_runtime-no_asserts-no_bounds_query-strict_float";

Halide::OutputFileType outputType(KernelEmit emit) {
  switch (emit) {
  case KernelEmit::Object:
    return Halide::OutputFileType::object;
  case KernelEmit::Assembly:
    return Halide::OutputFileType::assembly;
  case KernelEmit::Statement:
    return Halide::OutputFileType::stmt;
  case KernelEmit::Source:
    return Halide::OutputFileType::c_source;
  }
  return Halide::OutputFileType::object;
}

} // namespace

std::unique_ptr<KernelStages> ingot::buildKernel(const KernelSpec &spec, const Level &level,
                                                 std::string &error) {
  if (!kernelSignature(spec, error))
    return nullptr;
  for (const BuilderEntry &entry : kBuilders)
    if (entry.algorithm == spec.algorithm)
      return entry.build(spec, level);
  error = "algorithm '" + spec.algorithm + "' has no builder";
  return nullptr;
}

void ingot::compileKernel(const KernelStages &stages, const Level &level, const std::string &symbol,
                          KernelEmit emit, const std::string &path) {
  // Halide reads it once, when it first makes code.
  if (!level.llvmOptions.empty())
    setenv("HL_LLVM_ARGS", std::string(level.llvmOptions).c_str(), /*overwrite=*/1);
  const Halide::Target target(std::string(level.halideTarget) + kEveryKernel);
  Halide::Pipeline pipeline(stages.outputs);
  if (emit == KernelEmit::Source)
    prepareSource(pipeline);
  // External alone: no symbol beside the function's own.
  pipeline.compile_to_module(stages.arguments, symbol, target, Halide::LinkageType::External)
      .compile({{outputType(emit), path}});
  if (emit == KernelEmit::Source)
    rewriteSource(symbol, path);
}
