//===- ByteLevelBpeTest.cpp - Vocabularies that lie -----------------------===//

#include "compiler/import/tokenizer/TokenizerSpec.h"

#include <gtest/gtest.h>

using namespace ingot;

namespace {

BpeText small() {
  BpeText text;
  text.file = "model.gguf";
  text.tokens = {"<end>", "a", "b", "ab", "\xC4\xA0"}; // the last is a space
  text.special = {true, false, false, false, false};
  text.added = text.special;
  text.merges = {{"a", "b"}};
  return text;
}

std::string errorOf(const BpeText &text) {
  llvm::Expected<TokenizerSpec> spec = resolveBpe(text);
  return spec ? "" : llvm::toString(spec.takeError());
}

} // namespace

TEST(ByteLevelBpe, DecodesThePrintableAlphabet) {
  std::string bytes;
  EXPECT_TRUE(decodeByteLevel("\xC4\xA0hi\xC4\x8A", bytes)); // a space, "hi", a line feed
  EXPECT_EQ(bytes, " hi\n");
  EXPECT_FALSE(decodeByteLevel(" ", bytes));       // a plain space is none of it
  EXPECT_FALSE(decodeByteLevel("\xE2\x82", bytes)); // half a character
}

TEST(ByteLevelBpe, ResolvesMerges) {
  llvm::Expected<TokenizerSpec> spec = resolveBpe(small());
  ASSERT_TRUE(bool(spec)) << llvm::toString(spec.takeError());
  ASSERT_EQ(spec->merges.size(), 1u);
  EXPECT_EQ(spec->merges[0].left, 1);
  EXPECT_EQ(spec->merges[0].right, 2);
  EXPECT_EQ(spec->merges[0].result, 3);
  EXPECT_EQ(spec->tokens[4].bytes, " ");
  EXPECT_TRUE(spec->tokens[0].special);
}

TEST(ByteLevelBpe, RefusesWhatDoesNotFit) {
  BpeText text = small();
  text.merges.push_back({"b", "a"});
  EXPECT_EQ(errorOf(text), "model.gguf: error: merge 1 of 'b' and 'a' needs a token that is not in "
                           "the vocabulary");
  text = small();
  text.merges.push_back({"a", "b"});
  EXPECT_EQ(errorOf(text), "model.gguf: error: merge 1 of 'a' and 'b' stands twice");
  text = small();
  text.tokens[2] = "a";
  EXPECT_EQ(errorOf(text), "model.gguf: error: token 2 ('a') stands twice in the vocabulary");
  text = small();
  text.tokens[2] = "";
  EXPECT_EQ(errorOf(text), "model.gguf: error: token 2 is empty");
  text = small();
  text.tokens[2] = "a b";
  EXPECT_EQ(errorOf(text), "model.gguf: error: token 2 is 'a b', expected characters of the "
                           "byte-level alphabet");
}
