//===- EmitTokenizer.cpp - Tokenizer and template as constant tables ------===//

#include "compiler/import/tokenizer/EmitTokenizer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <array>
#include <tuple>

using namespace ingot;

/// A table of integers, sixteen a line.
template <typename Range>
static void printTable(llvm::raw_ostream &os, const char *type, const char *name,
                       const Range &values) {
  os << "static const " << type << " " << name << "[] = {";
  size_t index = 0;
  for (auto value : values)
    os << (index++ % 16 ? "" : "\n    ") << value << ",";
  os << (index ? "\n};\n\n" : "0};\n\n");
}

/// A C string literal of any bytes.
static std::string literal(llvm::StringRef bytes) {
  std::string text = "\"";
  for (unsigned char c : bytes) {
    if (c == '"' || c == '\\' || c == '?')
      (text += '\\') += static_cast<char>(c);
    else if (c >= ' ' && c <= '~')
      text += static_cast<char>(c);
    else { // three octal digits: no digit that follows is taken along
      text += '\\';
      for (int shift : {6, 3, 0})
        text += static_cast<char>('0' + (c >> shift & 7));
    }
  }
  return text + "\"";
}

std::string ingot::emitTokenizerSource(const TokenizerSpec &spec, const std::string &name,
                                       const std::string &banner) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "// " << banner << "\n// The tokenizer: byte-level BPE as flat tables (ingot/tables.h).\n\n"
     << "#include \"ingot/tables.h\"\n\n";

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
               return (token.special ? 1 : 0) | (token.added ? 2 : 0);
             }));

  // Merges by left token, then by right.
  std::vector<std::tuple<int32_t, int32_t, size_t>> order;
  for (size_t rank = 0; rank < spec.merges.size(); ++rank)
    order.emplace_back(spec.merges[rank].left, spec.merges[rank].right, rank);
  llvm::sort(order);
  std::vector<uint32_t> begin(spec.tokens.size() + 1, 0);
  os << "// {right, rank, result}\nstatic const ingot_merge merges[] = {";
  size_t index = 0;
  for (auto [left, right, rank] : order) {
    ++begin[static_cast<size_t>(left) + 1];
    os << (index++ % 6 ? " " : "\n    ") << "{" << right << "," << rank << ","
       << spec.merges[rank].result << "},";
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
    else if (token.bytes.size() == 1)
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

  os << "extern \"C\" {\nextern const ingot_tokenizer ingot_tokenizer_" << name
     << ";\nconst ingot_tokenizer ingot_tokenizer_" << name << " = {\n"
     << "    sizeof(ingot_tokenizer), " << static_cast<uint32_t>(spec.pretokenizer) << ", "
     << spec.tokens.size() << ", " << added.size()
     << ",\n    token_offsets, (const uint8_t *)token_bytes, token_flags,\n"
     << "    merges, merge_begin, byte_tokens, added_tokens, added_begin,\n};\n}\n";
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
