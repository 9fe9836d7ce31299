//===- TorchZip.h - Reading what torch.save writes ------------------------===//
//
// A `pytorch_model.bin` of PyTorch 1.6 and later is a ZIP archive of one folder:
//
//   NAME/data.pkl     the pickled dict: names, and where each tensor lies
//   NAME/data/0 ...   one record a storage, the bytes of its elements
//   NAME/version      a number
//   NAME/byteorder    "little"; absent in older files, which are little as well
//   NAME/.x           notes of the writer about itself, not read
//
// Tensors are views of the mapped file: offset and shape are honoured, several
// may share a storage, their rows must lie one after the other. Nothing in the
// file is run (Pickle.h), unpacked or copied (ZipArchive.h). The type of a
// tensor is that of its storage, whatever config.json says.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TORCHZIP_H
#define INGOT_COMPILER_IMPORT_TORCHZIP_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace ingot {

/// One file.
llvm::Expected<std::unique_ptr<WeightSource>> openTorchZip(llvm::StringRef path, TensorNames names);

/// The shards that a `pytorch_model.bin.index.json` names, under the rules of
/// openShardIndex.
llvm::Expected<std::unique_ptr<WeightSource>> openTorchIndex(llvm::StringRef indexPath,
                                                             TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TORCHZIP_H
