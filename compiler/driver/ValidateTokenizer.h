//===- ValidateTokenizer.h - Compiled tokenizer against its library -------===//
#ifndef INGOT_COMPILER_DRIVER_VALIDATETOKENIZER_H
#define INGOT_COMPILER_DRIVER_VALIDATETOKENIZER_H

#include "compiler/driver/Validate.h"

namespace ingot {

/// Lets `tool` (ingot-spm) and the compiled code tokenize the same texts, `texts`
/// of them made of the model's own pieces. Exit 4 when ids or decoded texts
/// differ, or when the library does not take the model at all. Returns a remark
/// for the log.
llvm::Expected<std::string> validateTokenizer(const CompiledCode &code, const std::string &tool,
                                              const std::string &tokenizerModel, unsigned texts);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_VALIDATETOKENIZER_H
