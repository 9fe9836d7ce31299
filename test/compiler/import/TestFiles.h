//===- TestFiles.h - Small model files, written by the tests --------------===//
#ifndef INGOT_TEST_COMPILER_IMPORT_TESTFILES_H
#define INGOT_TEST_COMPILER_IMPORT_TESTFILES_H

#include "compiler/import/ArchSpec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot::test {

/// A folder of its own that goes with the object.
class TempFolder {
public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder &) = delete;

  const std::string &path() const { return folder; }
  std::string file(llvm::StringRef name) const { return folder + "/" + name.str(); }

  /// Writes a file and returns its path.
  std::string write(llvm::StringRef name, llvm::StringRef bytes) const;

private:
  std::string folder;
};

/// The rendered error, or "success". Paths of `folder` are cut to the name.
std::string textOf(llvm::Error error, const TempFolder &folder);

template <typename T> std::string textOf(llvm::Expected<T> result, const TempFolder &folder) {
  return textOf(result ? llvm::Error::success() : result.takeError(), folder);
}

/// The exit code of a result: 0, 1 or 3.
int exitOf(llvm::Error error);

template <typename T> int exitOf(llvm::Expected<T> result) {
  return exitOf(result ? llvm::Error::success() : result.takeError());
}

/// The value of a result that must be one; ends the tests with the error if not.
template <typename T> T succeed(llvm::Expected<T> result) {
  if (!result)
    llvm::report_fatal_error(result.takeError());
  return std::move(*result);
}

/// `text` with the first `from` replaced; it must be there.
std::string replaced(std::string text, llvm::StringRef from, llvm::StringRef to);

/// An integer of a binary file: what boundary tests overwrite.
struct IntegerField {
  std::string name;
  size_t offset;
  size_t width;
};

/// Writes GGUF files piece by piece, right or wrong. Counts are patched in by
/// finish() unless they were set.
class GgufWriter {
public:
  explicit GgufWriter(uint32_t version = 3);

  GgufWriter &u32(llvm::StringRef key, uint32_t value);
  GgufWriter &i32(llvm::StringRef key, int32_t value);
  GgufWriter &f32(llvm::StringRef key, float value);
  GgufWriter &boolean(llvm::StringRef key, bool value);
  GgufWriter &string(llvm::StringRef key, llvm::StringRef value);
  GgufWriter &strings(llvm::StringRef key, const std::vector<std::string> &values);
  GgufWriter &integers(llvm::StringRef key, const std::vector<int32_t> &values);
  /// A key with a type and bytes of the caller's choice.
  GgufWriter &raw(llvm::StringRef key, uint32_t type, llvm::StringRef bytes);

  /// `dims` as in the file, fastest first; `bytes` of data, padded.
  GgufWriter &tensor(llvm::StringRef name, std::vector<uint64_t> dims, uint32_t type,
                     llvm::StringRef bytes);

  uint64_t alignment = 32;
  /// Added to the offset that the next tensor is listed with.
  uint64_t offsetError = 0;

  std::string finish();

  /// The structural integers of the finished file.
  const std::vector<IntegerField> &fields() const { return integersOfFile; }

private:
  void number(std::string &out, uint64_t value, size_t width);
  void count(llvm::StringRef name, std::string &out, bool tensors, uint64_t value, size_t width);
  void text(llvm::StringRef name, std::string &out, bool tensors, llvm::StringRef value);
  void key(llvm::StringRef name, uint32_t type);

  struct Pending {
    IntegerField field;
    bool tensors; ///< counted from the beginning of the tensor list
  };

  uint32_t version;
  std::string keys, list, data;
  uint64_t keyCount = 0, tensorCount = 0;
  std::vector<Pending> pending;
  std::vector<IntegerField> integersOfFile;
};

/// A tiny llama of 2 blocks: hidden 64, inner 96, 4 heads of 16, 2 KV heads,
/// 10 tokens.
ArchSpec tinyArch(bool tied = true);

/// Its keys, and all of its tensors with zeros (ones in the norms).
GgufWriter tinyGguf();

/// A safetensors file: 8 bytes of length, the header, the data.
std::string safetensors(llvm::StringRef header, llvm::StringRef data);

/// The header and data of all tensors of the same tiny llama, in F32.
std::string tinySafetensors(bool tied = true);

/// The config.json and the architecture YAML of the tiny llama.
std::string tinyConfig();
std::string tinyYaml();

} // namespace ingot::test

#endif // INGOT_TEST_COMPILER_IMPORT_TESTFILES_H
