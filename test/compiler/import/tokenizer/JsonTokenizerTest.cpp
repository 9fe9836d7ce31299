//===- JsonTokenizerTest.cpp - tokenizer.json, exact or refused -----------===//

#include "compiler/import/tokenizer/TokenizerSpec.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

using namespace ingot;

namespace {

/// Reads `text` as a file; the error without its path, or "".
std::string read(llvm::StringRef text, TokenizerSpec *spec = nullptr) {
  llvm::SmallString<128> path;
  int file;
  if (llvm::sys::fs::createTemporaryFile("tokenizer", "json", file, path))
    return "no temporary file";
  llvm::raw_fd_ostream(file, /*shouldClose=*/true) << text;
  llvm::Expected<TokenizerSpec> found = readJsonTokenizer(path);
  llvm::sys::fs::remove(path);
  if (!found)
    return llvm::StringRef(llvm::toString(found.takeError())).split("error: ").second.str();
  if (spec)
    *spec = std::move(*found);
  return "";
}

std::string document(const std::string &pre, const std::string &model,
                     const std::string &rest = "") {
  return "{\"normalizer\":null,\"pre_tokenizer\":" + pre + ",\"model\":" + model + rest + "}";
}

const std::string kByteLevel = R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})";
const std::string kModel =
    R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]})";

} // namespace

TEST(JsonTokenizer, ReadsByteLevelBpe) {
  TokenizerSpec spec;
  EXPECT_EQ(read(document(kByteLevel, kModel,
                          R"(,"added_tokens":[{"id":3,"content":"<end>","special":true}])"),
                 &spec),
            "");
  EXPECT_EQ(spec.pretokenizer, Pretokenizer::Gpt2);
  ASSERT_EQ(spec.tokens.size(), 4u);
  EXPECT_TRUE(spec.tokens[3].special && spec.tokens[3].added);
  ASSERT_EQ(spec.merges.size(), 1u);
  EXPECT_EQ(spec.merges[0].result, 2);
  const std::string digits = R"({"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},)" +
                             kByteLevel + "]}";
  EXPECT_EQ(read(document(digits, R"({"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]})"),
                 &spec),
            "");
  EXPECT_EQ(spec.pretokenizer, Pretokenizer::DigitsGpt2);
}

TEST(JsonTokenizer, NamesWhatItHasNot) {
  EXPECT_EQ(read(document(R"({"type":"Whitespace"})", kModel)),
            "pre_tokenizer 'Whitespace' has no exact counterpart, expected ByteLevel without a "
            "prefix space, or Digits (individual) followed by it");
  EXPECT_EQ(read(R"({"normalizer":{"type":"NFC"},"pre_tokenizer":)" + kByteLevel + ",\"model\":" +
                 kModel + "}"),
            "normalizer 'NFC' is not supported, expected none");
  EXPECT_EQ(read(document(kByteLevel, R"({"type":"Unigram","vocab":[]})")),
            "model type 'Unigram' is not supported, expected BPE");
  EXPECT_EQ(read(document(kByteLevel,
                          R"({"type":"BPE","byte_fallback":true,"vocab":{"a":0},"merges":[]})")),
            "'byte_fallback' is not supported");
}

TEST(JsonTokenizer, RefusesHostileFiles) {
  EXPECT_EQ(read(document(kByteLevel, R"({"type":"BPE","vocab":{"a":4000000000},"merges":[]})")),
            "token id 4000000000 is too large");
  EXPECT_EQ(read(document(kByteLevel, R"({"type":"BPE","vocab":{"a":0,"b":2},"merges":[]})")),
            "no token has the id 1");
  EXPECT_EQ(read(document(kByteLevel, R"({"type":"BPE","vocab":{"a":0,"b":0},"merges":[]})")),
            "token id 0 is given twice");
  EXPECT_EQ(read(document(kByteLevel, R"({"type":"BPE","vocab":{"a":0},"merges":[["a"]]})")),
            "a merge is an array, expected two tokens");
  EXPECT_NE(read("{\"model\":" + std::string(100000, '[')), "");
  EXPECT_NE(read("{\"a\":1,\"a\":2}"), "");
}
