//===- TorchFiles.h - Small PyTorch checkpoints, right or wrong -----------===//
#ifndef INGOT_TEST_COMPILER_IMPORT_TORCHFILES_H
#define INGOT_TEST_COMPILER_IMPORT_TORCHFILES_H

#include "test/compiler/import/TestFiles.h"

#include "llvm/ADT/ArrayRef.h"

namespace ingot::test {

/// Writes ZIP archives as PyTorch's writer does: sizes behind the bytes, ZIP64
/// end records. Every number is a field that a test can overwrite.
class ZipWriter {
public:
  bool descriptors = true; ///< else the local headers have the sizes, as from other writers
  bool zip64 = true;       ///< the end records
  bool checksums = true;   ///< else 0: then damage of a record is not seen at once

  ZipWriter &record(llvm::StringRef name, llvm::StringRef bytes, llvm::StringRef extra = "",
                    llvm::StringRef centralExtra = "");

  std::string finish();

  /// The numbers of the finished file: "N local size", "N central offset", with
  /// the number N of the record, and "end entries", "end64 size", "locator disk".
  const std::vector<IntegerField> &fields() const { return integers; }
  const IntegerField &field(llvm::StringRef name) const;

private:
  void number(std::string &out, const std::string &name, uint64_t value, size_t width);

  std::string file, directory;
  uint64_t count = 0;
  std::vector<IntegerField> integers, central;
};

/// `bytes` with a field overwritten.
std::string patched(std::string bytes, const IntegerField &field, uint64_t value);

/// Writes pickles opcode by opcode, remembering values as Python does.
class PickleWriter {
public:
  PickleWriter() { out = "\x80\x02"; }

  PickleWriter &raw(llvm::StringRef opcodes);
  PickleWriter &put(); ///< remembers the topmost value
  PickleWriter &global(llvm::StringRef module, llvm::StringRef name);
  PickleWriter &text(llvm::StringRef text);
  PickleWriter &integer(int64_t value);
  PickleWriter &tuple(llvm::ArrayRef<int64_t> values);
  /// The storage `key` and the call that makes a tensor of it.
  PickleWriter &storage(llvm::StringRef type, llvm::StringRef key, int64_t elements);
  PickleWriter &tensor(llvm::StringRef type, llvm::StringRef key, int64_t elements, int64_t offset,
                       llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> strides);

  std::string finish() const { return out + "."; }
  std::string out;

private:
  uint32_t remembered = 0;
};

/// Strides of rows that lie one after the other.
std::vector<int64_t> rowStrides(llvm::ArrayRef<int64_t> shape);

/// The tiny llama of TestFiles.h as torch.save writes it, with zeros (ones in
/// the norms) in F16.
ZipWriter tinyTorch(bool tied = true, bool checksums = true);

} // namespace ingot::test

#endif // INGOT_TEST_COMPILER_IMPORT_TORCHFILES_H
