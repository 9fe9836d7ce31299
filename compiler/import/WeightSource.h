//===- WeightSource.h - Tensors of a mapped weight file -------------------===//
//
// A weight file is mapped and checked once; afterwards every tensor is a view
// whose bytes lie inside the mapping and whose size equals what its shape and
// type say. Views are addressed by canonical names: the Hugging Face names
// (`model.layers.3.self_attn.q_proj.weight`), whatever the file calls them.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_WEIGHTSOURCE_H
#define INGOT_COMPILER_IMPORT_WEIGHTSOURCE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace ingot {

/// Encoding of a tensor in its file, or (Q4R, Q8R) of what the quantiser made
/// of it. The names are those of codegen/formats where a format of that name
/// exists.
enum class TensorType : uint8_t { F32, F16, BF16, Q4_0, Q4_1, Q8_0, Q4R, Q8R };

llvm::StringRef tensorTypeName(TensorType type); ///< "q4_1"

/// The type of that name, or nothing.
std::optional<TensorType> tensorTypeFromName(llvm::StringRef name);

struct TensorView {
  std::string name;     ///< canonical
  std::string fileName; ///< the name in the file, for diagnostics
  TensorType type;
  llvm::SmallVector<int64_t, 2> shape; ///< rows first: [out, in], or [n]
  llvm::ArrayRef<uint8_t> bytes;       ///< row after row, inside the mapping
};

/// Row `row` of a matrix, or all of a vector, as `cols` floats: exact, whatever
/// the type.
void readTensorRow(const TensorView &tensor, int64_t row, int64_t cols, float *out);

class WeightSource {
public:
  virtual ~WeightSource() = default;

  /// Path for diagnostics; never opened again.
  virtual llvm::StringRef path() const = 0;

  /// All tensors in file order: their names, types and shapes. For bytes, ask
  /// find(): generated weights exist only between find() and release().
  virtual llvm::ArrayRef<TensorView> tensors() const = 0;

  /// The tensor of that canonical name with its bytes, or null.
  virtual const TensorView *find(llvm::StringRef canonicalName) const;

  /// Says that the bytes of `tensor` will not be needed again, so that
  /// compiling a large model keeps neither its file nor generated weights
  /// resident.
  virtual void release(const TensorView &tensor) const = 0;

  /// Compares the checksums that the file has, if any, with its bytes: reads
  /// all of them, so only a compile asks for it.
  virtual llvm::Error checkIntegrity() const { return llvm::Error::success(); }
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_WEIGHTSOURCE_H
