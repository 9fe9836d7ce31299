//===- CheckTensors.h - Do weights and architecture agree? ----------------===//
#ifndef INGOT_COMPILER_IMPORT_CHECKTENSORS_H
#define INGOT_COMPILER_IMPORT_CHECKTENSORS_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace ingot {

/// Every tensor of the architecture is there with its shape and a type that
/// suits it, and no other is. Two exceptions: a tied model may carry a head,
/// which is ignored (with a warning when it differs from the embedding), and
/// the rotation tables of old checkpoints, which the architecture implies.
llvm::Error checkTensors(const ArchSpec &arch, const WeightSource &weights,
                         std::vector<std::string> *warnings = nullptr);

/// Streams through the numbers of one tensor of `file`. NaN and infinities, in
/// floats or in scales, are errors; the rest that is odd but has a meaning is
/// flagged in one warning: scales that are denormal, and F32 denormals, which
/// kernels may flush to zero.
llvm::Error checkNumbers(const TensorView &tensor, llvm::StringRef file,
                         std::vector<std::string> *warnings = nullptr);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_CHECKTENSORS_H
