#include "test/compiler/import/tokenizer/PieceModels.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

#include <cstring>
#include <tuple>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7)
    out += static_cast<char>(value | 128);
  return out + static_cast<char>(value);
}

std::string test::protoVarint(uint32_t field, uint64_t value) {
  return varint(field << 3) + varint(value);
}

std::string test::protoBytes(uint32_t field, StringRef bytes) {
  return varint(field << 3 | 2) + varint(bytes.size()) + bytes.str();
}

std::string test::protoFloat(uint32_t field, float value) {
  char bits[4];
  std::memcpy(bits, &value, 4);
  return varint(field << 3 | 5) + std::string(bits, 4);
}

std::string test::protoPiece(StringRef text, float score, PieceType type) {
  return protoBytes(1, protoBytes(1, text) + protoFloat(2, score) +
                           protoVarint(3, static_cast<uint64_t>(type)));
}

void PieceModel::addBytes() {
  for (unsigned byte = 0; byte < 256; ++byte)
    add("<0x" + llvm::utohexstr(byte, /*LowerCase=*/false, /*Width=*/2) + ">", 0, PieceType::Byte);
}

std::string PieceModel::trainer() const {
  return protoVarint(3, unigram ? 1 : 2) + protoVarint(24, suffix) + protoVarint(35, byteFallback);
}

std::string PieceModel::normalizer() const {
  return (charsmap ? protoBytes(2, *charsmap) : "") + protoVarint(3, dummyPrefix) +
         protoVarint(4, removeSpaces) + protoVarint(5, escapeSpaces);
}

std::string PieceModel::finish() const {
  return pieces + protoBytes(2, trainer()) + protoBytes(3, normalizer());
}

static ingot_trie viewOf(const FlatTrie &trie) {
  return {static_cast<uint32_t>(trie.nodes()), static_cast<uint32_t>(trie.longest),
          trie.firstChild.data(), trie.labels.data(), trie.values.data()};
}

TableTokenizer::TableTokenizer(TokenizerSpec from) : spec(std::move(from)) {
  const SentencePieceSpec &p = *spec.sentencePiece;
  byteTokens.fill(-1);
  offsets.push_back(0);
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    const TokenizerSpec::Token &token = spec.tokens[id];
    bytes += token.bytes;
    offsets.push_back(static_cast<uint32_t>(bytes.size()));
    flags.push_back(static_cast<uint8_t>(
        (token.special ? INGOT_TOKEN_SPECIAL : 0) | (token.added ? INGOT_TOKEN_ADDED : 0) |
        (token.isByte ? INGOT_TOKEN_BYTE : 0) | (token.space ? INGOT_TOKEN_SPACE : 0)));
    if (token.isByte)
      byteTokens[static_cast<uint8_t>(token.bytes[0])] = static_cast<int32_t>(id);
    if (token.added)
      added.push_back(static_cast<int32_t>(id));
  }
  llvm::sort(spec.merges, [](const auto &a, const auto &b) {
    return std::tie(a.left, a.right) < std::tie(b.left, b.right);
  });
  mergeBegin.resize(spec.tokens.size() + p.extraCharacters.size() + 1);
  for (const TokenizerSpec::Merge &merge : spec.merges) {
    merges.push_back({merge.right, merge.rank, merge.result});
    ++mergeBegin[static_cast<size_t>(merge.left) + 1];
  }
  llvm::sort(added, [&](int32_t a, int32_t b) {
    const std::string &x = spec.tokens[a].bytes, &y = spec.tokens[b].bytes;
    return std::make_tuple(uint8_t(x[0]), y.size(), a) <
           std::make_tuple(uint8_t(y[0]), x.size(), b);
  });
  for (int32_t id : added)
    ++addedBegin[size_t(uint8_t(spec.tokens[id].bytes[0])) + 1];
  for (size_t i = 1; i < mergeBegin.size(); ++i)
    mergeBegin[i] += mergeBegin[i - 1];
  for (size_t i = 1; i < addedBegin.size(); ++i)
    addedBegin[i] += addedBegin[i - 1];
  for (const SentencePieceSpec::Expansion &e : p.expansions) {
    expansions.push_back({e.id, static_cast<uint32_t>(expansionSymbols.size()),
                          static_cast<uint32_t>(e.symbols.size())});
    llvm::append_range(expansionSymbols, e.symbols);
  }
  pieces = {sizeof pieces,
            p.flags,
            static_cast<uint32_t>(p.prefix),
            p.unknown,
            p.unknownText.c_str(),
            static_cast<uint32_t>(p.unknownText.size()),
            p.lookahead,
            p.idsPerByte,
            p.longestSymbol,
            viewOf(p.symbols),
            viewOf(p.user),
            static_cast<uint32_t>(p.rules.units.size()),
            p.rules.units.data(),
            p.rules.text.c_str(),
            p.extraCharacters.data(),
            p.scores.data(),
            p.unknownScore,
            p.joins.data(),
            static_cast<uint32_t>(p.joins.size() * 8 - 1),
            static_cast<uint32_t>(expansions.size()),
            expansions.data(),
            expansionSymbols.data()};
  tables = {sizeof tables,
            0,
            static_cast<uint32_t>(spec.tokens.size()),
            static_cast<uint32_t>(added.size()),
            offsets.data(),
            reinterpret_cast<const uint8_t *>(bytes.data()),
            flags.data(),
            merges.data(),
            mergeBegin.data(),
            byteTokens.data(),
            added.data(),
            addedBegin.data(),
            &pieces};
  model.tokenizer = &tables;
  model.bos = -1;
}

std::vector<int32_t> TableTokenizer::encode(StringRef text, uint32_t how,
                                            std::optional<size_t> room) const {
  std::vector<int32_t> ids(room.value_or(text.size() + 8));
  size_t count = ids.size();
  ingot_status status = ingot_tokenize(&model, text.data(), text.size(), how, ids.data(), &count);
  if (status == INGOT_BUFFER_TOO_SMALL) {
    EXPECT_GT(count, ids.size());
    ids.assign(count, 0);
    status = ingot_tokenize(&model, text.data(), text.size(), how, ids.data(), &count);
  }
  EXPECT_EQ(status, INGOT_OK);
  ids.resize(count);
  return ids;
}

std::string TableTokenizer::decode(const std::vector<int32_t> &ids) const {
  size_t size = 0;
  ingot_status status = ingot_detokenize(&model, ids.data(), ids.size(), nullptr, &size);
  EXPECT_EQ(status, size == 0 ? INGOT_OK : INGOT_BUFFER_TOO_SMALL);
  std::string text(size, 'x');
  EXPECT_EQ(ingot_detokenize(&model, ids.data(), ids.size(), text.data(), &size), INGOT_OK);
  return text;
}

std::string TableTokenizer::stream(const std::vector<int32_t> &ids, uint32_t how) const {
  ingot_detokenizer detokenizer = {};
  detokenizer.size = sizeof detokenizer;
  detokenizer.flags = how;
  std::string text;
  auto append = [&](auto &&step) {
    size_t size = 0;
    if (step(nullptr, &size) == INGOT_OK)
      return;
    std::string part(size, 'x');
    EXPECT_EQ(step(part.data(), &size), INGOT_OK);
    text += part;
  };
  for (int32_t id : ids)
    append([&](char *to, size_t *size) {
      return ingot_detokenizer_next(&model, &detokenizer, id, to, size);
    });
  append([&](char *to, size_t *size) {
    return ingot_detokenizer_finish(&model, &detokenizer, to, size);
  });
  return text;
}
