//===- ChatTemplate.h - Jinja chat templates ------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_TOKENIZER_CHATTEMPLATE_H
#define INGOT_COMPILER_IMPORT_TOKENIZER_CHATTEMPLATE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace ingot {

struct ChatMessage {
  std::string role, content;
};

/// Evaluates a template. Errors name the line and what is wrong.
llvm::Expected<std::string> evaluateChatTemplate(llvm::StringRef source,
                                                 llvm::ArrayRef<ChatMessage> messages,
                                                 bool addGenerationPrompt, llvm::StringRef bosToken,
                                                 llvm::StringRef eosToken);

/// What a template does to conversations of system, user and assistant turns.
struct ChatSegments {
  std::string prologue; ///< before everything
  bool hasDefaultSystem = false;
  std::string defaultSystem;        ///< the whole default system turn, rendered
  std::string prefix[3], suffix[3]; ///< system, user, assistant
  bool trim = false;                ///< contents are stripped at both ends
  std::string generationPrompt;
};

/// Derives the segments from probe conversations and proves on others that they
/// give the template's own output; an error when they cannot.
llvm::Expected<ChatSegments> deriveChatSegments(llvm::StringRef source, llvm::StringRef bosToken,
                                                llvm::StringRef eosToken);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_TOKENIZER_CHATTEMPLATE_H
