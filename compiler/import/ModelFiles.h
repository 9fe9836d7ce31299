//===- ModelFiles.h - Which file is what ----------------------------------===//
//
// Containers are told by their first bytes, never by their names.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_MODELFILES_H
#define INGOT_COMPILER_IMPORT_MODELFILES_H

#include "compiler/import/ArchSpec.h"
#include "compiler/import/ImportError.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ingot {

enum class FileKind : uint8_t {
  Missing,
  Folder,
  Gguf,
  Safetensors,
  Zip, ///< pytorch_model.bin
  Json,
  Other, ///< YAML and tokenizer.model among others
};

/// What is at `path`; links are followed.
FileKind detectFile(llvm::StringRef path);

/// The weight file of a Hugging Face folder: the index, else model.safetensors,
/// else the folder itself if it has other `*.safetensors`, else
/// pytorch_model.bin (or its index); nothing if there is none.
std::optional<std::string> findWeights(llvm::StringRef folder);

/// What the tokenizer file itself says: everything for a GGUF, add_bos, bos and
/// eos for a SentencePiece model, add_bos alone for a tokenizer.json. `path` is absolute
/// and need not exist.
llvm::Expected<TokenizerRef> tokenizerDefaults(llvm::StringRef path);

/// Refuses a template that the resolved YAML could not carry.
llvm::Error checkChatTemplate(llvm::StringRef text, SourceLocation where);

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_MODELFILES_H
