//===- Stages.h - An algorithm in Halide, before any schedule -------------===//
//
// A family's builder returns its struct of named stages: Funcs, Vars and RDoms
// under the names that the maths gives them. The maths knows no machine; what
// it may look at of a Level is its `dot` and `fma`, which change the form of an
// expression and never an integer result. A schedule (targets/*/schedules)
// takes the same struct and says how it runs.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_STAGES_H
#define INGOT_CODEGEN_KERNELS_STAGES_H

#include "codegen/Kernel.h"
#include "codegen/Target.h"

#include <Halide.h>

#include <memory>
#include <vector>

namespace ingot {

/// The base of every family's stages: what `compileKernel` needs.
struct KernelStages {
  virtual ~KernelStages() = default;

  KernelSpec spec;
  /// Scalars, then inputs, in the order of the signature.
  std::vector<Halide::Argument> arguments;
  /// The outputs, in the order of the signature.
  std::vector<Halide::Func> outputs;

  /// The value of a parameter that the signature has checked.
  int64_t param(const std::string &name, int64_t otherwise = 0) const {
    auto it = spec.params.find(name);
    return it == spec.params.end() ? otherwise : it->second;
  }
};

// buildMatVec(spec, level) and its like: one for each family. The spec has
// passed its signature.
#define INGOT_FAMILY(F)                                                                            \
  std::unique_ptr<KernelStages> build##F(const KernelSpec &spec, const Level &level);
#include "codegen/kernels/Algorithms.def"

/// Tells Halide that a buffer begins at 0 and is dense, innermost first; the
/// outermost stride needs no constant extent. `extents` as in KernelArg: a
/// kDynamic extent is left open.
void setDense(Halide::OutputImageParam param, const std::vector<int64_t> &extents);

/// The same with strides of the caller's, in elements (views of weights).
void setStrided(Halide::OutputImageParam param, const std::vector<int64_t> &extents,
                const std::vector<int64_t> &strides);

/// a * b + c, rounded once where the level has the instruction and written as
/// two roundings where it has not. Kernels are compiled with strict floats:
/// what is written here is what is computed.
Halide::Expr multiplyAdd(Halide::Expr a, Halide::Expr b, Halide::Expr c, const Level &level);

/// A float, 8-bit integer or finite 16-bit float as a float, times `factor`, a
/// power of two that loses no bit: exact in every form.
Halide::Expr widen(Halide::Expr value, const Level &level, float factor = 1.0f);

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_STAGES_H
