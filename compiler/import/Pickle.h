//===- Pickle.h - A dict of tensors, as torch.save pickles it -------------===//
//
// A pickle is a program for a small stack machine, and Python's machine calls
// whatever function the program names. This one calls nothing. It knows the
// opcodes that a dict of tensors needs (PickleOpcodes.def) and six names:
//
//   collections.OrderedDict            an empty dict
//   torch._utils._rebuild_tensor_v2    a tensor: storage, offset, shape, strides
//   torch._utils._rebuild_parameter    its first argument, a tensor
//   torch.*Storage                     the type of a storage's elements
//
// Each stands for one fixed meaning, checked argument by argument; every other
// opcode or name is refused with its place. Values are records in a few flat
// lists, each with a limit, and nothing is recursive.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_PICKLE_H
#define INGOT_COMPILER_IMPORT_PICKLE_H

#include "compiler/import/WeightSource.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace ingot {

/// A type of elements as torch names its storages.
struct StorageType {
  llvm::StringLiteral name; ///< "HalfStorage"
  uint64_t bytes;           ///< of one element
  std::optional<TensorType> format;
};

/// Elements in a record of their own.
struct PickledStorage {
  llvm::StringRef key; ///< names the record
  const StorageType *type;
  uint64_t elements;
  uint64_t place; ///< byte of the file, for diagnostics
};

/// A view of a storage. Nothing is checked but that the numbers are not
/// negative and that there are as many strides as extents.
struct PickledTensor {
  llvm::StringRef name;
  uint32_t storage; ///< index
  uint64_t offset;  ///< in elements
  llvm::SmallVector<uint64_t, 2> shape, strides;
  uint64_t place;
};

struct StateDict {
  std::vector<PickledStorage> storages; ///< no two of one key
  std::vector<PickledTensor> tensors;   ///< no two of one name; in the order of the dict
};

/// Reads a pickled dict of names and tensors. Strings are views of `pickle`,
/// which begins at byte `base` of the file at `path`.
llvm::Expected<StateDict> readStateDict(llvm::StringRef path, llvm::ArrayRef<uint8_t> pickle,
                                        uint64_t base);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_PICKLE_H
