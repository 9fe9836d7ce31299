//===- Safetensors.h - Reading safetensors files --------------------------===//
//
//   u64 N | N bytes of JSON, beginning with '{', padded with spaces | data
//
// The header maps names to {dtype, shape, data_offsets: [begin, end]}; an entry
// `__metadata__` maps strings to strings. All rules of the reference reader
// hold, and each is an error of its own: N at most 100,000,000 and inside the
// file, no key twice, tensors that fill the data without hole or overlap, sizes
// that equal shape times type.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_SAFETENSORS_H
#define INGOT_COMPILER_IMPORT_SAFETENSORS_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

namespace ingot {

/// One file.
llvm::Expected<std::unique_ptr<WeightSource>> openSafetensors(llvm::StringRef path,
                                                              TensorNames names);

/// The shards that a `*.safetensors.index.json` names. They are plain files
/// beside it: a name with a '/', '..' or a link is refused. Index and shards
/// must agree on every tensor.
llvm::Expected<std::unique_ptr<WeightSource>> openSafetensorsIndex(llvm::StringRef indexPath,
                                                                   TensorNames names);

/// Several files without an index; `folder` names them in diagnostics.
llvm::Expected<std::unique_ptr<WeightSource>>
openSafetensorsFiles(llvm::StringRef folder, llvm::ArrayRef<std::string> paths, TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_SAFETENSORS_H
