//===- Shards.h - Files, shards and indices as one source -----------------===//
//
// The same for every container: a source of one file, of the files that an
// index names, or of several files without an index.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_SHARDS_H
#define INGOT_COMPILER_IMPORT_SHARDS_H

#include "compiler/import/TensorFile.h"

namespace ingot {

llvm::Expected<std::unique_ptr<WeightSource>>
openTensorFile(TensorFileReader read, llvm::StringRef path, TensorNames names);

/// The shards that a `*.index.json` names. They are plain files beside the
/// index, and agree with it about who holds which tensor.
llvm::Expected<std::unique_ptr<WeightSource>>
openShardIndex(TensorFileReader read, llvm::StringRef indexPath, TensorNames names);

/// Several files of one `folder` as one source; no tensor is in two of them.
llvm::Expected<std::unique_ptr<WeightSource>> openShards(TensorFileReader read,
                                                         llvm::StringRef folder,
                                                         llvm::ArrayRef<std::string> paths,
                                                         TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_SHARDS_H
