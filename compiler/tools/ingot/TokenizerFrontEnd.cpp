//===- TokenizerFrontEnd.cpp - The tokenizer's part of a compile ----------===//

#include "compiler/tools/ingot/TokenizerFrontEnd.h"

#include "compiler/import/ImportError.h"
#include "compiler/import/ModelFiles.h"
#include "compiler/import/tokenizer/EmitTokenizer.h"

using namespace ingot;

static llvm::Expected<TokenizerSpec> readTokenizer(const std::string &path) {
  switch (detectFile(path)) {
  case FileKind::Gguf: {
    llvm::Expected<std::unique_ptr<GgufFile>> gguf = GgufFile::open(path);
    if (!gguf)
      return gguf.takeError();
    return readGgufTokenizer(**gguf);
  }
  case FileKind::Json:
    return readJsonTokenizer(path);
  case FileKind::Missing:
    return malformed({path}, "the tokenizer's file does not exist");
  default: {
    llvm::Expected<SentencePieceModel> model = readSentencePieceModel(path);
    if (!model)
      return model.takeError();
    return resolveSentencePiece(*model);
  }
  }
}

llvm::Expected<TokenizerSources> ingot::emitTokenizer(const ModelSpec &spec,
                                                      const std::string &name,
                                                      const std::string &banner,
                                                      Progress &progress) {
  TokenizerSources result;
  if (!spec.tokenizer)
    return result;
  const TokenizerRef &ref = *spec.tokenizer;
  result.addBos = ref.addBos;
  result.bos = ref.bos;
  result.eos = ref.eos;
  llvm::Expected<TokenizerSpec> tokenizer = readTokenizer(ref.path);
  if (!tokenizer)
    return tokenizer.takeError();
  // A model's matrix may have more rows than its tokenizer has tokens, not fewer.
  if (tokenizer->tokens.size() > static_cast<size_t>(spec.arch.vocabSize))
    return malformed({ref.path}, "the tokenizer has " + llvm::Twine(tokenizer->tokens.size()) +
                                     " tokens, expected at most the model's vocabulary of " +
                                     llvm::Twine(spec.arch.vocabSize));
  result.hasTokenizer = true;
  if (tokenizer->sentencePiece && detectFile(ref.path) == FileKind::Other)
    result.sentencePieceModel = ref.path;
  result.sources.emplace_back(spec.arch.name + "_tokenizer.cpp",
                              emitTokenizerSource(*tokenizer, name, banner));
  if (!ref.chatTemplate)
    return result;
  auto tokenText = [&](std::optional<int64_t> id) {
    return id && *id >= 0 && *id < static_cast<int64_t>(tokenizer->tokens.size())
               ? tokenizer->tokens[static_cast<size_t>(*id)].bytes
               : std::string();
  };
  llvm::Expected<ChatSegments> chat =
      deriveChatSegments(*ref.chatTemplate, tokenText(ref.bos),
                         tokenText(ref.eos.empty() ? std::nullopt : std::optional(ref.eos[0])));
  if (!chat) {
    progress.note("warning: the chat template cannot be expressed, '--chat' will not work: " +
                  llvm::toString(chat.takeError()));
    return result;
  }
  result.hasChat = true;
  result.sources.emplace_back(spec.arch.name + "_chat.cpp", emitChatSource(*chat, name, banner));
  return result;
}
