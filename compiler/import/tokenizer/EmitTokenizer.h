//===- EmitTokenizer.h - Tokenizer and template as constant tables --------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_EMITTOKENIZER_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_EMITTOKENIZER_H

#include "compiler/import/tokenizer/ChatTemplate.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

#include <string>

namespace ingot {

/// The source of ingot_tokenizer_NAME (ingot/tables.h).
std::string emitTokenizerSource(const TokenizerSpec &spec, const std::string &name,
                                const std::string &banner);

/// The source of ingot_chat_NAME.
std::string emitChatSource(const ChatSegments &chat, const std::string &name,
                           const std::string &banner);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_EMITTOKENIZER_H
