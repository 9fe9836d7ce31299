//===- JsonSentencePieceTest.cpp - Converted models, exact or refused -----===//

#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/tokenizer/PieceModels.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;

namespace {

const std::string kBpe =
    R"({"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"<s>":1,"\u2581":2,)"
    R"("a":3,"\u2581a":4},"merges":[["\u2581","a"]]})";
const std::string kUnigram =
    R"({"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["<s>",0],["\u2581",-2],["a",-1],)"
    R"(["\u2581a",-1.5]]})";
const std::string kReplace = R"({"type":"Replace","pattern":{"String":" "},"content":"\u2581"})";
const std::string kLlama =
    R"({"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},)" + kReplace + "]}";

std::string document(const std::string &normalizer, const std::string &pre,
                     const std::string &model, const std::string &rest = "") {
  return R"({"added_tokens":[{"id":1,"content":"<s>","special":true}],"normalizer":)" + normalizer +
         ",\"pre_tokenizer\":" + pre + ",\"model\":" + model + rest + "}";
}

std::string metaspace(const std::string &scheme) {
  return R"({"type":"Metaspace","replacement":"\u2581","prepend_scheme":")" + scheme + "\"}";
}

std::vector<int32_t> ids(const std::string &json, llvm::StringRef text) {
  TempFolder folder;
  TableTokenizer tokenizer(succeed(readJsonTokenizer(folder.write("tokenizer.json", json))));
  return tokenizer.encode(text, 0);
}

/// The error without its place, after its exit code.
std::string refusal(const std::string &json) {
  TempFolder folder;
  const std::string path = folder.write("tokenizer.json", json);
  const std::string text = textOf(readJsonTokenizer(path), folder);
  return std::to_string(exitOf(readJsonTokenizer(path))) + " " +
         llvm::StringRef(text).split("error: ").second.str();
}

using Ids = std::vector<int32_t>;

} // namespace

TEST(JsonSentencePiece, SpacesInFront) {
  // Prepend always adds one, behind added tokens as well.
  for (const std::string &model : {kBpe, kUnigram}) {
    EXPECT_EQ(ids(document(kLlama, "null", model), "a a<s>a"), (Ids{4, 4, 1, 4}));
    EXPECT_EQ(ids(document(kLlama, "null", model), " a"), (Ids{2, 4}));
    EXPECT_EQ(ids(document(kLlama, "null", model), ""), Ids{});
    // Metaspace only where there is none.
    EXPECT_EQ(ids(document("null", metaspace("always"), model), " a<s>a"), (Ids{4, 1, 4}));
    EXPECT_EQ(ids(document("null", metaspace("first"), model), "a<s>a"), (Ids{4, 1, 3}));
    EXPECT_EQ(ids(document("null", metaspace("first"), model), "<s>a"), (Ids{1, 3}));
    EXPECT_EQ(ids(document("null", metaspace("never"), model), "a a"), (Ids{3, 4}));
    EXPECT_EQ(ids(document(kReplace, R"({"type":"Split","pattern":{"String":" "}})", model), "a a"),
              (Ids{3, 4}));
  }
}

TEST(JsonSentencePiece, UnknownCharacters) {
  EXPECT_EQ(ids(document(kLlama, "null", kBpe), "xyz"), (Ids{2, 0}));
  EXPECT_EQ(ids(document(kLlama, "null", replaced(kBpe, "\"fuse_unk\":true,", "")), "xyz"),
            (Ids{2, 0, 0, 0}));
}

TEST(JsonSentencePiece, NamesWhatItHasNot) {
  EXPECT_EQ(refusal(document(R"({"type":"NFKC"})", "null", kBpe)),
            "3 normalizer 'NFKC' has no exact counterpart here");
  EXPECT_EQ(refusal(document(R"({"type":"Strip","strip_right":true})", "null", kBpe)),
            "3 normalizer 'Strip' has no exact counterpart here");
  EXPECT_EQ(refusal(document(R"({"type":"Prepend","prepend":"\u2581"})", "null", kBpe)),
            "3 normalizer 'Prepend' is supported only where spaces are replaced as well");
  EXPECT_EQ(refusal(document("null", R"({"type":"WhitespaceSplit"})", kBpe)),
            "3 pre_tokenizer 'WhitespaceSplit' has no exact counterpart here");
  EXPECT_EQ(refusal(document("null", R"({"type":"Metaspace","replacement":"_"})", kBpe)),
            "3 'replacement' is '_', only U+2581 is supported");
  EXPECT_EQ(refusal(document(kLlama, "null", kBpe, R"(,"decoder":{"type":"WordPiece"})")),
            "3 decoder 'WordPiece' has no exact counterpart here");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kBpe, "\"fuse_unk\"", "\"ignore_merges\""))),
            "3 'ignore_merges' is not supported");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kBpe, "\"unk_token\":\"<unk>\",", ""))),
            "3 the model has neither 'unk_token' nor 'byte_fallback'");
}

TEST(JsonSentencePiece, RefusesHostileFiles) {
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kUnigram, "\"unk_id\":0", "\"unk_id\":5"))),
            "1 'unk_id' is 5, expected the id of a token");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kUnigram, "[\"a\",-1]", "[\"a\"]"))),
            "1 entry 3 of 'vocab' is an array, expected a text and a number");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kUnigram, "[\"a\",-1]", "[\"\",-1]"))),
            "1 token 3 is empty");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kBpe, "\"a\":3", "\"a\":99999999"))),
            "1 token id 99999999 is too large");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kBpe, "\"a\":3", "\"a\":7"))),
            "1 no token has the id 3");
  EXPECT_EQ(refusal(document(kLlama, "null", replaced(kBpe, "\"\\u2581\",\"a\"]", "\"b\",\"a\"]"))),
            "1 merge 0 of 'b' and 'a' needs a token that is not in the vocabulary");
  EXPECT_EQ(refusal(document(R"({"type":"Precompiled","precompiled_charsmap":"*"})", "null", kBpe)),
            "1 'precompiled_charsmap' is no base64");
  EXPECT_EQ(refusal(document(R"({"type":"Precompiled"})", "null", kBpe)),
            "1 'precompiled_charsmap' is missing or no string");
  EXPECT_EQ(refusal(document(R"({"type":"Sequence"})", "null", kBpe)),
            "1 'normalizers' is missing or no array");
}
