//===- EmitTokenizer.cpp - Tokenizer and template as constant tables ------===//

#include "compiler/import/tokenizer/EmitTokenizer.h"

#include "compiler/import/tokenizer/EmitTables.h"

#include "ingot/tables.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <array>
#include <tuple>

using namespace ingot;

std::string ingot::emitTokenizerSource(const TokenizerSpec &spec, const std::string &name,
                                       const std::string &banner) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "// " << banner
     << "\n// The tokenizer: " << (spec.sentencePiece ? "SentencePiece" : "byte-level BPE")
     << " as flat tables (ingot/tables.h).\n\n#include \"ingot/tables.h\"\n\n";

  std::vector<uint32_t> offsets = {0};
  os << "static const char token_bytes[] =";
  for (const TokenizerSpec::Token &token : spec.tokens) {
    os << "\n    " << literal(token.bytes);
    offsets.push_back(offsets.back() + static_cast<uint32_t>(token.bytes.size()));
  }
  os << ";\n\n";
  printTable(os, "uint32_t", "token_offsets", offsets);
  printTable(os, "uint8_t", "token_flags",
             llvm::map_range(spec.tokens, [](const TokenizerSpec::Token &token) {
               return (token.special ? INGOT_TOKEN_SPECIAL : 0) |
                      (token.added ? INGOT_TOKEN_ADDED : 0) |
                      (token.isByte ? INGOT_TOKEN_BYTE : 0) | (token.space ? INGOT_TOKEN_SPACE : 0);
             }));

  // Merges by left token, then by right.
  std::vector<TokenizerSpec::Merge> merges = spec.merges;
  llvm::sort(merges, [](const auto &a, const auto &b) {
    return std::tie(a.left, a.right) < std::tie(b.left, b.right);
  });
  const size_t symbols =
      spec.tokens.size() + (spec.sentencePiece ? spec.sentencePiece->extraCharacters.size() : 0);
  std::vector<uint32_t> begin(symbols + 1, 0);
  os << "// {right, rank, result}\nstatic const ingot_merge merges[] = {";
  size_t index = 0;
  for (const TokenizerSpec::Merge &merge : merges) {
    ++begin[static_cast<size_t>(merge.left) + 1];
    os << (index++ % 6 ? " " : "\n    ") << "{" << merge.right << "," << merge.rank << ","
       << merge.result << "},";
  }
  os << (index ? "\n};\n\n" : "{0,0,0}};\n\n");
  for (size_t i = 1; i < begin.size(); ++i)
    begin[i] += begin[i - 1];
  printTable(os, "uint32_t", "merge_begin", begin);

  std::array<int32_t, 256> bytes;
  bytes.fill(-1);
  std::vector<int32_t> added;
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    const TokenizerSpec::Token &token = spec.tokens[id];
    if (token.added)
      added.push_back(static_cast<int32_t>(id));
    else if (spec.sentencePiece ? token.isByte : token.bytes.size() == 1)
      bytes[static_cast<uint8_t>(token.bytes[0])] = static_cast<int32_t>(id);
  }
  printTable(os, "int32_t", "byte_tokens", bytes);

  // Of one first byte the longest first, so that the first match is the longest.
  llvm::sort(added, [&](int32_t a, int32_t b) {
    const std::string &x = spec.tokens[a].bytes, &y = spec.tokens[b].bytes;
    return std::make_tuple(uint8_t(x[0]), y.size(), a) <
           std::make_tuple(uint8_t(y[0]), x.size(), b);
  });
  std::array<uint32_t, 257> addedBegin{};
  for (int32_t id : added)
    ++addedBegin[size_t(uint8_t(spec.tokens[id].bytes[0])) + 1];
  for (size_t i = 1; i < addedBegin.size(); ++i)
    addedBegin[i] += addedBegin[i - 1];
  printTable(os, "int32_t", "added_tokens", added);
  printTable(os, "uint32_t", "added_begin", addedBegin);

  if (spec.sentencePiece)
    emitSentencePieceTables(*spec.sentencePiece, os);
  os << "extern \"C\" {\nextern const ingot_tokenizer ingot_tokenizer_" << name
     << ";\nconst ingot_tokenizer ingot_tokenizer_" << name << " = {\n"
     << "    sizeof(ingot_tokenizer), "
     << (spec.sentencePiece ? 0 : static_cast<uint32_t>(spec.pretokenizer)) << ", "
     << spec.tokens.size() << ", " << added.size()
     << ",\n    token_offsets, (const uint8_t *)token_bytes, token_flags,\n"
     << "    merges, merge_begin, byte_tokens, added_tokens, added_begin,\n    "
     << (spec.sentencePiece ? "&sentencepiece" : "0") << ",\n};\n}\n";
  return text;
}

std::string ingot::emitChatSource(const ChatSegments &chat, const std::string &name,
                                  const std::string &banner) {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto stretch = [](llvm::StringRef part) {
    return "{" + literal(part) + ", " + std::to_string(part.size()) + ", 0}";
  };
  os << "// " << banner << "\n// The chat template, evaluated when the model was compiled.\n\n"
     << "#include \"ingot/tables.h\"\n\nextern \"C\" {\nextern const ingot_chat ingot_chat_" << name
     << ";\nconst ingot_chat ingot_chat_" << name << " = {\n    sizeof(ingot_chat), "
     << (chat.trim ? 1 : 0) << ",\n    " << stretch(chat.prologue) << ",\n    "
     << stretch(chat.hasDefaultSystem ? chat.defaultSystem : std::string()) << ",\n    "
     << stretch(chat.generationPrompt) << ",\n    // system, user, assistant\n    {";
  llvm::interleaveComma(chat.prefix, os, [&](const std::string &part) { os << stretch(part); });
  os << "},\n    {";
  llvm::interleaveComma(chat.suffix, os, [&](const std::string &part) { os << stretch(part); });
  os << "},\n};\n}\n";
  return text;
}
