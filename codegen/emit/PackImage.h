//===- PackImage.h - Writing the packed weights ---------------------------===//
#ifndef INGOT_CODEGEN_EMIT_PACKIMAGE_H
#define INGOT_CODEGEN_EMIT_PACKIMAGE_H

#include "compiler/import/WeightSource.h"
#include "dialects/plan/Plan.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <array>
#include <cstdint>

namespace ingot {

/// Length and SHA-256 of a written image.
struct PackedImage {
  uint64_t bytes = 0;
  std::array<uint8_t, 32> hash{};
};

/// Writes the image of `model`, whose layout is final, to `os`: one row block
/// after the other, so that memory stays bounded by a few rows, and every
/// tensor is released after its last use. `progress` is told the bytes written.
llvm::Expected<PackedImage> packImage(plan::ModelOp model, const WeightSource &weights,
                                      llvm::raw_ostream &os,
                                      llvm::function_ref<void(uint64_t)> progress);

} // namespace ingot

#endif // INGOT_CODEGEN_EMIT_PACKIMAGE_H
