//===- EmitTables.h - Constant tables as source text ----------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_EMITTABLES_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_EMITTABLES_H

#include "compiler/import/tokenizer/SentencePieceSpec.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

namespace ingot {

/// A table of numbers, sixteen a line.
template <typename Range>
void printTable(llvm::raw_ostream &os, const char *type, llvm::StringRef name,
                const Range &values) {
  os << "static const " << type << " " << name << "[] = {";
  size_t index = 0;
  for (auto value : values)
    os << (index++ % 16 ? "" : "\n    ") << value << ",";
  os << (index ? "\n};\n\n" : "0};\n\n");
}

/// A C string literal of any bytes.
std::string literal(llvm::StringRef bytes);

/// The static tables of an ingot_sentencepiece, and itself under the name
/// `sentencepiece`.
void emitSentencePieceTables(const SentencePieceSpec &spec, llvm::raw_ostream &os);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_EMITTABLES_H
