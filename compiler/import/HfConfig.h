//===- HfConfig.h - Hugging Face folders ----------------------------------===//
//
// config.json of model types llama and mobilellm, with the files around it:
// weights (to see whether there is a head of its own), generation_config.json,
// tokenizer_config.json and chat_template.jinja.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_HFCONFIG_H
#define INGOT_COMPILER_IMPORT_HFCONFIG_H

#include "compiler/import/ArchCheck.h"
#include "compiler/import/ArchSpec.h"
#include "compiler/import/Json.h"

#include "llvm/Support/Error.h"

namespace ingot {

/// The model in `folder`.
llvm::Expected<ModelSpec> readHfFolder(llvm::StringRef folder);

/// The tokenizer in `folder`, if it has one. `config` is the root of its
/// config.json, which may name the tokens; where they came from is noted.
llvm::Expected<std::optional<TokenizerRef>>
readHfTokenizer(llvm::StringRef folder, JsonValue config, FieldOrigins &origins);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_HFCONFIG_H
