//===- RandomWeights.h - Weights that nobody trained ----------------------===//
//
// For `--weights-from random:SEED`: a model of any size to measure and to test
// with, without a file. Every tensor depends on the seed and its own name
// alone, so neither the order of generation nor the other tensors matter, and
// integer arithmetic makes it the same on every machine.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_RANDOMWEIGHTS_H
#define INGOT_COMPILER_IMPORT_RANDOMWEIGHTS_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include <memory>

namespace ingot {

/// F32 tensors for all of `arch`: matrices with a standard deviation of
/// 1/sqrt(columns), so that activations keep their size; norms around 1.
///
/// tensors() lists them without bytes. find() makes the bytes of a tensor and
/// release() drops them again: memory stays bounded by the largest tensor.
std::unique_ptr<WeightSource> makeRandomWeights(const ArchSpec &arch, uint64_t seed);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_RANDOMWEIGHTS_H
