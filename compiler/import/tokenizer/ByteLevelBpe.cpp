//===- ByteLevelBpe.cpp - Checking a byte-level BPE vocabulary ------------===//

#include "compiler/import/ImportError.h"
#include "compiler/import/tokenizer/TokenizerSpec.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/ConvertUTF.h"

#include <array>

using namespace ingot;

/// Byte of each character of GPT-2's alphabet, by code point; -1 for others.
static const std::array<int, 0x144> &byteOfCharacter() {
  static const std::array<int, 0x144> table = [] {
    std::array<int, 0x144> bytes;
    bytes.fill(-1);
    int extra = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) ||
                       (byte >= 0xAE && byte <= 0xFF);
      bytes[static_cast<size_t>(printable ? byte : extra++)] = byte;
    }
    return bytes;
  }();
  return table;
}

bool ingot::decodeByteLevel(llvm::StringRef text, std::string &bytes) {
  bytes.clear();
  const auto *at = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  const auto *end = reinterpret_cast<const llvm::UTF8 *>(text.end());
  while (at != end) {
    llvm::UTF32 codePoint;
    if (llvm::convertUTF8Sequence(&at, end, &codePoint, llvm::strictConversion) !=
        llvm::conversionOK)
      return false;
    if (codePoint >= byteOfCharacter().size() || byteOfCharacter()[codePoint] < 0)
      return false;
    bytes.push_back(static_cast<char>(byteOfCharacter()[codePoint]));
  }
  return true;
}

llvm::Expected<TokenizerSpec> ingot::resolveBpe(const BpeText &text) {
  const SourceLocation where{text.file};
  TokenizerSpec spec;
  spec.pretokenizer = text.pretokenizer;
  llvm::StringMap<int32_t> ids;
  spec.tokens.reserve(text.tokens.size());
  for (size_t id = 0; id < text.tokens.size(); ++id) {
    TokenizerSpec::Token token;
    token.special = text.special[id];
    token.added = text.added[id];
    if (token.added)
      token.bytes = text.tokens[id].str();
    else if (!decodeByteLevel(text.tokens[id], token.bytes))
      return malformed(where, "token " + llvm::Twine(id) + " is " + quoted(text.tokens[id]) +
                                  ", expected characters of the byte-level alphabet");
    if (token.bytes.empty())
      return malformed(where, "token " + llvm::Twine(id) + " is empty");
    if (!ids.try_emplace(text.tokens[id], static_cast<int32_t>(id)).second)
      return malformed(where, "token " + llvm::Twine(id) + " (" + quoted(text.tokens[id]) +
                                  ") stands twice in the vocabulary");
    spec.tokens.push_back(std::move(token));
  }
  llvm::StringMap<bool> pairs;
  for (size_t rank = 0; rank < text.merges.size(); ++rank) {
    const auto &[left, right] = text.merges[rank];
    auto find = [&](llvm::StringRef name) -> int32_t {
      auto it = ids.find(name);
      return it == ids.end() ? -1 : it->second;
    };
    TokenizerSpec::Merge merge{find(left), find(right), find(left + right),
                               static_cast<uint32_t>(rank)};
    if (merge.left < 0 || merge.right < 0 || merge.result < 0)
      return malformed(where, "merge " + llvm::Twine(rank) + " of " + quoted(left) + " and " +
                                  quoted(right) + " needs a token that is not in the vocabulary");
    if (!pairs.try_emplace(left + " " + right, true).second)
      return malformed(where, "merge " + llvm::Twine(rank) + " of " + quoted(left) + " and " +
                                  quoted(right) + " stands twice");
    spec.merges.push_back(merge);
  }
  return spec;
}
