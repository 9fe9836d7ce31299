//===- ResolveModel.h - From the MODEL of the command line to its weights -===//
#ifndef INGOT_COMPILER_IMPORT_RESOLVEMODEL_H
#define INGOT_COMPILER_IMPORT_RESOLVEMODEL_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace ingot {

/// What `path` describes: an architecture YAML, a Hugging Face folder or a
/// GGUF file, told apart by their content.
llvm::Expected<ModelSpec> resolveModel(llvm::StringRef path);

/// Maps and checks the weights of `model`. That their tensors are those of the
/// architecture is checkTensors' to say.
llvm::Expected<std::unique_ptr<WeightSource>> openWeights(const ModelSpec &model);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_RESOLVEMODEL_H
