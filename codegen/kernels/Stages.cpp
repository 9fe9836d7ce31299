//===- Stages.cpp - What all algorithms share -----------------------------===//

#include "codegen/kernels/Stages.h"

using namespace ingot;
using namespace Halide;

void ingot::setStrided(OutputImageParam param, const std::vector<int64_t> &extents,
                       const std::vector<int64_t> &strides) {
  for (size_t d = 0; d < extents.size(); ++d) {
    param.dim(int(d)).set_min(0).set_stride(int(strides[d]));
    if (extents[d] != KernelArg::kDynamic)
      param.dim(int(d)).set_extent(int(extents[d]));
  }
}

void ingot::setDense(OutputImageParam param, const std::vector<int64_t> &extents) {
  std::vector<int64_t> strides;
  int64_t stride = 1;
  for (int64_t extent : extents) {
    strides.push_back(stride);
    stride *= extent == KernelArg::kDynamic ? 0 : extent;
  }
  setStrided(param, extents, strides);
}

Expr ingot::multiplyAdd(Expr a, Expr b, Expr c, const Level &level) {
  if (!level.fma)
    return a * b + c;
  // Halide has no such intrinsic of its own; LLVM knows the name and makes one
  // vector instruction of the lanes.
  return Internal::Call::make(Float(32), "llvm.fma.f32", {a, b, c}, Internal::Call::PureExtern);
}

Expr ingot::widen(Expr value, const Level &level, float factor) {
  if (!level.halvesAsBits || value.type() != Float(16))
    return factor == 1.0f ? cast<float>(value) : cast<float>(value) * factor;
  // The bits, moved to where a float has them, are the value times 2^-112, the
  // difference of the two exponents' biases; so are those of subnormals. The
  // sign was extended over the bits that the mask clears.
  const Expr bits = cast<int32_t>(reinterpret<int16_t>(value)) << 13;
  return reinterpret<float>(bits & cast<int32_t>(Expr(0x8fffe000u))) * (0x1p112f * factor);
}
