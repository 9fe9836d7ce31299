//===- GgufParser.h - One reading of a GGUF file --------------------------===//
//
// Private to Gguf.cpp (header and keys) and GgufTensors.cpp (tensors).
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_GGUFPARSER_H
#define INGOT_COMPILER_IMPORT_GGUFPARSER_H

#include "compiler/import/BinaryReader.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/ImportError.h"

#include "llvm/ADT/Twine.h"

namespace ingot {

class GgufParser {
public:
  explicit GgufParser(GgufFile &gguf) : gguf(gguf), reader(gguf.file->bytes()) {}

  llvm::Error parse();

private:
  llvm::Error parseHeader();
  llvm::Error parseEntries();
  llvm::Error parseValue(GgufType type, llvm::StringRef key, GgufValue &value);
  llvm::Error parseArray(llvm::StringRef key, GgufValue &value);
  llvm::Error parseAlignment();
  llvm::Error parseTensors();
  llvm::Error parseShape(GgufTensor &tensor, Checked<uint64_t> &elements);
  llvm::Error placeTensors();

  llvm::Error at(uint64_t position, const llvm::Twine &message) const {
    return malformed({gguf.path().str(), 0, 0, position}, message);
  }
  llvm::Error truncated(const llvm::Twine &inside) const {
    return at(gguf.file->bytes().size(), "the file ends inside " + inside);
  }
  llvm::Error readCount(llvm::StringRef what, uint64_t leastBytes, uint64_t &count);
  llvm::Expected<llvm::StringRef> readString(uint64_t limit, const llvm::Twine &what);
  llvm::Expected<GgufType> readType(const llvm::Twine &what);

  GgufFile &gguf;
  BinaryReader reader;
  uint64_t entryCount = 0, tensorCount = 0;
  uint64_t alignment = 32;
  std::vector<Checked<uint64_t>> sizes, offsets; ///< of the tensors, until they are placed
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_GGUFPARSER_H
