//===- TokenizerFrontEnd.h - The tokenizer's part of a compile --*- C++ -*-===//
#ifndef INGOT_COMPILER_TOOLS_INGOT_TOKENIZERFRONTEND_H
#define INGOT_COMPILER_TOOLS_INGOT_TOKENIZERFRONTEND_H

#include "compiler/driver/Progress.h"
#include "compiler/import/ArchSpec.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ingot {

/// The tables of a model's tokenizer and chat template as sources, and what the
/// model's own table says of them.
struct TokenizerSources {
  std::vector<std::pair<std::string, std::string>> sources; ///< file, text
  bool hasTokenizer = false, hasChat = false;
  bool addBos = false;
  std::optional<int64_t> bos;
  std::vector<int64_t> eos;
  std::string sentencePieceModel; ///< the tokenizer.model it was; empty: another file
};

/// Compiles the tokenizer that `spec` refers to into the symbols
/// ingot_tokenizer_NAME and ingot_chat_NAME. A template that cannot be
/// expressed is a note, not a failure.
llvm::Expected<TokenizerSources> emitTokenizer(const ModelSpec &spec, const std::string &name,
                                               const std::string &banner,
                                               Progress &progress);

} // namespace ingot

#endif // INGOT_COMPILER_TOOLS_INGOT_TOKENIZERFRONTEND_H
