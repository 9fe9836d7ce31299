//===- TemplatePieces.h - A chat template, cut at its tags ----------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEPIECES_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEPIECES_H

#include "compiler/import/tokenizer/TemplateExpression.h"

#include <string>
#include <vector>

namespace ingot::jinja {

struct Piece {
  enum class Kind : uint8_t { Text, Print, Statement } kind;
  std::string text;
  size_t line;
};

/// Text, {{ expressions }} and {% statements %} in order, after the white-space
/// control that Hugging Face uses (trim_blocks, lstrip_blocks).
std::vector<Piece> cutPieces(llvm::StringRef source, Environment &environment);

} // namespace ingot::jinja

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_TEMPLATEPIECES_H
