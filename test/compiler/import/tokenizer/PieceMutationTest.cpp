//===- PieceMutationTest.cpp - Damaged SentencePiece models ---------------===//
//
// Truncations, flipped bits, overwritten, repeated and lost bytes of a
// tokenizer.model and a tokenizer.json: every one is refused with an error in
// the house's form, or makes a tokenizer that encodes and decodes anything,
// without a sanitizer's word and without allocating out of proportion.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ImportError.h"

#include "test/compiler/import/Allocations.h"
#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/tokenizer/PieceModels.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <random>

using namespace ingot;
using namespace ingot::test;

namespace {

/// 'A' becomes "a a", 'B' and "BB" become "b".
std::string rules() {
  std::vector<uint32_t> units(1024);
  auto leaf = [&](uint32_t at, uint32_t label, uint32_t offset, uint32_t value) {
    units[at] = offset << 10 | 0x100 | label;
    units[at ^ offset] = 0x80000000 | value;
  };
  units[0] = 256u << 10;
  leaf(256 ^ 'A', 'A', 512, 0);
  leaf(256 ^ 'B', 'B', 768, 4);
  leaf(256 ^ 'B' ^ 768 ^ 'B', 'B', 128, 4);
  std::string out(4 + 4 * units.size(), '\0');
  llvm::support::endian::write32le(out.data(), static_cast<uint32_t>(4 * units.size()));
  for (size_t i = 0; i < units.size(); ++i)
    llvm::support::endian::write32le(out.data() + 4 + 4 * i, units[i]);
  return out + std::string("a a\0b\0", 6);
}

std::string tinyModel(bool unigram) {
  PieceModel model;
  model.unigram = unigram;
  model.byteFallback = !unigram;
  model.charsmap = rules();
  model.add("<unk>", 0, PieceType::Unknown);
  model.add("<s>", 0, PieceType::Control);
  model.add("<u>", 0, PieceType::UserDefined);
  if (!unigram)
    model.addBytes();
  float score = 0;
  for (const char *piece : {"\xE2\x96\x81", "a", "b", "c", "ab",
                            "\xE2\x96\x81"
                            "a",
                            "abc", "bc", "\xC3\xA9",
                            "\xE2\x96\x81"
                            "ab\xC3\xA9",
                            "aa", "aaaa"})
    model.add(piece, score -= 1);
  model.add("cc", score, PieceType::Unused);
  return model.finish();
}

std::string tinyJson(bool unigram) {
  const std::string head =
      R"({"added_tokens":[{"id":1,"content":"<s>","special":true}],)"
      R"("normalizer":{"type":"Sequence",)"
      R"("normalizers":[{"type":"Precompiled","precompiled_charsmap":")" +
      llvm::encodeBase64(rules()) +
      R"("},{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]},"pre_tokenizer":)"
      R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":"first","split":true},)"
      R"("decoder":{"type":"Metaspace","prepend_scheme":"first"},"model":)";
  if (unigram)
    return head + R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["<s>",0],["\u2581",-1.5],)"
                  R"(["a",-2.1],["b",-3],["ab",-2.25],["\u2581a",-1e-1]]}})";
  return head + R"({"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"<s>":1,)"
                R"("\u2581":2,"a":3,"b":4,"ab":5,"\u2581ab":6},"merges":[["a","b"],"\u2581 ab"]}})";
}

struct Input {
  const char *name;
  bool json, unigram;
};

class PieceMutation : public testing::TestWithParam<Input> {
protected:
  const std::string good =
      GetParam().json ? tinyJson(GetParam().unigram) : tinyModel(GetParam().unigram);

  /// Whether the file was accepted.
  bool read(llvm::StringRef bytes);

private:
  TempFolder folder;
};

} // namespace

static llvm::Expected<TokenizerSpec> readSpec(const std::string &path, bool json) {
  if (json)
    return readJsonTokenizer(path);
  llvm::Expected<SentencePieceModel> model = readSentencePieceModel(path);
  if (!model)
    return model.takeError();
  return resolveSentencePiece(*model);
}

bool PieceMutation::read(llvm::StringRef bytes) {
  const std::string path =
      folder.write(GetParam().json ? "tokenizer.json" : "tokenizer.model", bytes);
  size_t peak = 0;
  std::optional<TokenizerSpec> spec;
  std::string text;
  {
    AllocationMeter meter;
    llvm::Expected<TokenizerSpec> found = readSpec(path, GetParam().json);
    if (found) {
      spec = std::move(*found);
    } else {
      llvm::raw_string_ostream os(text);
      reportImportError(found.takeError(), os);
    }
    peak = meter.peak();
  }
  EXPECT_LE(peak, 4 * bytes.size() + (size_t(16) << 20));
  if (!spec) {
    EXPECT_NE(text.find(": error: "), std::string::npos) << text;
    for (unsigned char c : text)
      EXPECT_TRUE(c == '\n' || (c >= 0x20 && c < 0x7f)) << text;
    return false;
  }
  if (!spec->sentencePiece)
    return true; // became a file of the other kind
  const auto vocabulary = static_cast<int32_t>(spec->tokens.size());
  TableTokenizer tokenizer(std::move(*spec));
  for (llvm::StringRef sample :
       {"", " a  AB cab\xC3\xA9 <u><s> BBB \xFF\xE4", "aaaaaaaaaaaaaaaaaaaaaccccc  "})
    for (uint32_t flags : {0u, INGOT_TOKENIZE_NO_SPECIAL}) {
      const std::vector<int32_t> ids = tokenizer.encode(sample, flags);
      EXPECT_EQ(tokenizer.decode(ids), tokenizer.stream(ids));
    }
  std::vector<int32_t> all;
  for (int32_t id = 0; id < vocabulary && id < 2000; ++id)
    all.push_back(id);
  EXPECT_EQ(tokenizer.decode(all), tokenizer.stream(all));
  return true;
}

TEST_P(PieceMutation, TheOriginalIsAccepted) { EXPECT_TRUE(read(good)); }

TEST_P(PieceMutation, Truncated) {
  const size_t step = std::max<size_t>(1, good.size() / 400);
  for (size_t length = 0; length < good.size(); length += step) {
    // The pieces before the cut are a whole model, of the default type.
    const bool accepted = read(llvm::StringRef(good).take_front(length));
    EXPECT_TRUE(!accepted || !GetParam().json) << length;
  }
}

TEST_P(PieceMutation, BitsFlipped) {
  const size_t step = std::max<size_t>(1, good.size() * 8 / 1000);
  for (size_t bit = 0; bit < good.size() * 8; bit += step) {
    std::string bytes = good;
    bytes[bit / 8] = char(bytes[bit / 8] ^ (1 << (bit % 8)));
    read(bytes);
  }
}

TEST_P(PieceMutation, BytesOverwrittenAndMoved) {
  for (unsigned number = 0; number < 400; ++number) {
    std::mt19937 random(number);
    auto below = [&](size_t limit) { return random() % std::max<size_t>(limit, 1); };
    std::string bytes = good;
    // Half of the damage where the rules are not: they are most of the file.
    size_t at = below(number % 2 ? bytes.size() : bytes.size() / 4), length = 1 + below(16);
    switch (number % 4) {
    case 0: // noise
      for (size_t i = at; i < std::min(at + length, bytes.size()); ++i)
        bytes[i] = char(random());
      break;
    case 1: // extreme bytes: large lengths
      for (size_t i = at; i < std::min(at + length, bytes.size()); ++i)
        bytes[i] = random() % 2 ? '\xff' : '\x7f';
      break;
    case 2: // a part again
      bytes.insert(below(bytes.size()), bytes.substr(at, 8 * length));
      break;
    default: // a part gone
      bytes.erase(at, length);
    }
    read(bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Each, PieceMutation,
                         testing::Values(Input{"bpe", false, false}, Input{"unigram", false, true},
                                         Input{"bpe_json", true, false},
                                         Input{"unigram_json", true, true}),
                         [](const auto &info) { return std::string(info.param.name); });

/// A million of the smallest piece, and one more.
TEST(PieceAllocation, WideFilesStayInProportion) {
  std::string bytes;
  for (int i = 0; i < 1 << 20; ++i)
    bytes += protoBytes(1, protoBytes(1, "a"));
  TempFolder folder;
  const std::string path = folder.write("tokenizer.model", bytes);
  {
    AllocationMeter meter;
    EXPECT_EQ(succeed(readSentencePieceModel(path)).pieces.size(), size_t(1) << 20);
    EXPECT_LE(meter.peak(), 4 * bytes.size() + (size_t(16) << 20));
  }
  EXPECT_EQ(exitOf(readSpec(path, /*json=*/false)), 1);
  folder.write("tokenizer.model", bytes + protoBytes(1, protoBytes(1, "a")));
  EXPECT_EQ(exitOf(readSpec(path, /*json=*/false)), 3);
}
