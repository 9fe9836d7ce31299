//===- Gguf.h - Reading GGUF files ----------------------------------------===//
//
// GGUF version 2 and 3, little-endian. Opening a file checks every count,
// length, dimension, offset and the alignment before it is used; afterwards
// metadata and tensors are views into the mapping.
//
//   header     "GGUF", u32 version, u64 tensors, u64 keys
//   keys       string name, u32 type, value          (string: u64 length, bytes)
//   tensors    string name, u32 rank, u64 dims[rank] (fastest first), u32 type,
//              u64 offset into the data
//   data       aligned to general.alignment (32), every tensor padded to it
//
// As in the reference reader, tensors lie in the order of their list without
// holes: two tensors can't share bytes, and none can lie outside the file.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_GGUF_H
#define INGOT_COMPILER_IMPORT_GGUF_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/MappedFile.h"
#include "compiler/import/WeightSource.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace ingot {

/// Types of metadata values, with the numbers of the file.
enum class GgufType : uint32_t {
  U8,
  I8,
  U16,
  I16,
  U32,
  I32,
  F32,
  Bool,
  String,
  Array,
  U64,
  I64,
  F64,
};

llvm::StringRef ggufTypeName(GgufType type); ///< "u32"

/// One metadata value: a typed view into the mapping. The accessors return
/// nothing when the value is of another type or does not fit.
struct GgufValue {
  GgufType type = GgufType::U8;
  GgufType elementType = GgufType::U8; ///< of an array
  uint64_t count = 1;                  ///< elements of an array
  llvm::ArrayRef<uint8_t> bytes;       ///< the scalar, the string's bytes, or the elements
  uint64_t position = 0;               ///< byte in the file, for diagnostics

  bool isArray() const { return type == GgufType::Array; }

  std::optional<uint64_t> asUnsigned() const; ///< any integer type, not negative
  std::optional<int64_t> asSigned() const;    ///< any integer type
  std::optional<double> asDouble() const;     ///< F32 (its shortest decimal) or F64
  std::optional<bool> asBool() const;
  std::optional<llvm::StringRef> asString() const;

  /// Elements of an array of strings, of integers that fit, or of F32. The
  /// strings are views; the vectors are the caller's to keep or drop.
  std::optional<std::vector<llvm::StringRef>> asStrings() const;
  std::optional<std::vector<int64_t>> asIntegers() const;
  std::optional<std::vector<float>> asFloats() const;
};

/// A tensor as the file lists it, of a supported type or not.
struct GgufTensor {
  llvm::StringRef name;
  uint32_t type = 0;                   ///< ggml's number
  llvm::SmallVector<int64_t, 2> shape; ///< rows first
  llvm::ArrayRef<uint8_t> bytes;
  uint64_t position = 0; ///< of its entry in the list, for diagnostics
};

class GgufFile {
public:
  static llvm::Expected<std::unique_ptr<GgufFile>> open(llvm::StringRef path);

  llvm::StringRef path() const { return file->path(); }
  uint32_t version() const { return versionNumber; }

  /// The value of `key`, or null.
  const GgufValue *find(llvm::StringRef key) const;

  struct Entry {
    llvm::StringRef key;
    GgufValue value;
  };
  llvm::ArrayRef<Entry> entries() const { return metadata; }  ///< sorted by key
  llvm::ArrayRef<GgufTensor> tensors() const { return list; } ///< in file order
  const GgufTensor *findTensor(llvm::StringRef name) const;

  const MappedFile &mapping() const { return *file; }

private:
  friend class GgufParser;
  explicit GgufFile(std::unique_ptr<MappedFile> file) : file(std::move(file)) {}

  std::unique_ptr<MappedFile> file;
  uint32_t versionNumber = 0;
  std::vector<Entry> metadata;
  std::vector<GgufTensor> list;
};

/// The model that the metadata of a GGUF of architecture llama describes.
/// `weightsPath` and the tokenizer's path are the absolute path of the file.
llvm::Expected<ModelSpec> modelSpecFromGguf(const GgufFile &gguf);

/// The tokenizer part of it alone; nothing if the file has no vocabulary.
llvm::Expected<std::optional<TokenizerRef>> tokenizerFromGguf(const GgufFile &gguf);

/// The file's tensors under canonical names. A tensor type that has no format
/// here is an error that names type and tensor.
llvm::Expected<std::unique_ptr<WeightSource>> weightsFromGguf(std::unique_ptr<GgufFile> gguf,
                                                              TensorNames names);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_GGUF_H
