//===- SentencePieceLibraryTest.cpp - Ids as the library's ----------------===//
//
// Thousands of made-up models over a few characters, full of what trained models
// rarely have: equal scores, pieces that beat their own parts, characters that
// are no pieces, unused and user-defined pieces. What happens to a model is a
// function of its number, so a failing one can be named.
//
//===----------------------------------------------------------------------===//

#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/tokenizer/PieceModels.h"

#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <random>
#include <set>

using namespace ingot;
using namespace ingot::test;

namespace {

const std::string kSpace = "\xE2\x96\x81";

class Maker {
public:
  explicit Maker(unsigned number) : random(number) {}

  size_t below(size_t limit) { return random() % limit; }
  bool oneIn(size_t count) { return below(count) == 0; }

  std::string text(const std::vector<std::string> &alphabet, size_t least, size_t most) {
    std::string out;
    for (size_t i = least + below(most - least + 1); i > 0; --i)
      out += alphabet[below(alphabet.size())];
    return out;
  }

  PieceModel model() {
    PieceModel made;
    made.unigram = oneIn(2);
    made.byteFallback = oneIn(2);
    made.suffix = oneIn(4);
    made.dummyPrefix = !oneIn(4);
    made.removeSpaces = oneIn(2);
    made.escapeSpaces = !oneIn(6);
    made.add("<unk>", 0, PieceType::Unknown);
    made.add("<s>", 0, PieceType::Control);
    if (made.byteFallback)
      made.addBytes();
    const bool ties = oneIn(2);
    const size_t unused = oneIn(3) ? 8 : 0, user = oneIn(2) ? 10 : 0;
    std::set<std::string> seen = {"<unk>", "<s>"};
    auto add = [&](const std::string &piece, bool alone) {
      if (!seen.insert(piece).second)
        return;
      PieceType type = PieceType::Normal;
      if (unused && oneIn(unused))
        type = PieceType::Unused;
      else if (user && oneIn(user) && !alone)
        type = PieceType::UserDefined;
      // Sums of these are exact, or not, and many are equal.
      made.add(piece, ties ? -float(below(4)) : -float(below(1000)) * 0.37f, type);
    };
    for (const std::string &character : kPieces)
      if (!oneIn(5))
        add(character, true);
    for (size_t i = 4 + below(60); i > 0; --i)
      add(text(kPieces, 2, oneIn(4) ? 6 : 3), false);
    return made;
  }

  std::string sentence() { return text(kTexts, 0, oneIn(8) ? 80 : 14); }

private:
  const std::vector<std::string> kPieces = {"a", "b", "c", "\xC3\xA9", "\xE4\xBD\xA0", kSpace};
  const std::vector<std::string> kTexts = {"a",
                                           "a",
                                           "b",
                                           "b",
                                           "c",
                                           " ",
                                           " ",
                                           "z",
                                           "\n",
                                           "\xC3\xA9",
                                           "\xE4\xBD\xA0",
                                           "a",
                                           "b",
                                           kSpace,
                                           "\xF0\x9F\x98\x80",
                                           "\xFF",
                                           "\xE4\xBD"};
  std::mt19937 random;
};

std::string describe(const std::vector<int> &ids) {
  std::string text;
  for (int id : ids)
    text += std::to_string(id) + " ";
  return text;
}

} // namespace

TEST(SentencePieceLibrary, MadeUpModelsGiveTheSameIdsAndTexts) {
  TempFolder folder;
  size_t models = 0, strings = 0, refused = 0;
  for (unsigned number = 0; number < 3000; ++number) {
    Maker maker(number);
    const std::string bytes = maker.model().finish();
    sentencepiece::SentencePieceProcessor library;
    if (!library.LoadFromSerializedProto(bytes).ok())
      continue; // such as a unigram model without a piece
    SentencePieceModel model = succeed(readSentencePieceModel(folder.write("t.model", bytes)));
    llvm::Expected<TokenizerSpec> spec = resolveSentencePiece(model);
    if (!spec) {
      const std::string error = textOf(spec.takeError(), folder);
      EXPECT_NE(error.find("can be taken apart in more than one way"), std::string::npos) << error;
      ++refused;
      continue;
    }
    ++models;
    TableTokenizer ours(std::move(*spec));
    for (int i = 0; i < 12; ++i, ++strings) {
      const std::string text = maker.sentence();
      std::vector<int> expected;
      ASSERT_TRUE(library.Encode(text, &expected).ok());
      const std::vector<int32_t> found = ours.encode(text);
      ASSERT_EQ(found, expected) << "model " << number << ": " << testing::PrintToString(text)
                                 << "\n"
                                 << describe(expected);
      std::string back;
      ASSERT_TRUE(library.Decode(expected, &back).ok());
      ASSERT_EQ(ours.decode(expected), back) << "model " << number << ": " << describe(expected);
      ASSERT_EQ(ours.stream(expected), back);
      std::vector<int> any;
      for (size_t k = maker.below(8); k > 0; --k)
        if (const int id = int(maker.below(size_t(library.GetPieceSize()))); !library.IsControl(id))
          any.push_back(id);
      ASSERT_TRUE(library.Decode(any, &back).ok());
      ASSERT_EQ(ours.decode(any), back) << "model " << number << ": " << describe(any);
      ASSERT_EQ(ours.stream(any), back);
    }
  }
  std::printf("%zu models, %zu strings, %zu models refused\n", models, strings, refused);
  EXPECT_GT(models, 2000u);
}

TEST(SentencePieceLibrary, AnyRoomIsEnoughOrSaysWhatIs) {
  TempFolder folder;
  for (unsigned number = 0; number < 200; ++number) {
    Maker maker(number);
    SentencePieceModel model =
        succeed(readSentencePieceModel(folder.write("t.model", maker.model().finish())));
    llvm::Expected<TokenizerSpec> spec = resolveSentencePiece(model);
    if (!spec) {
      llvm::consumeError(spec.takeError());
      continue;
    }
    TableTokenizer ours(std::move(*spec));
    const std::string text = maker.sentence() + std::string(maker.below(2) * 700, 'a');
    const std::vector<int32_t> all = ours.encode(text, INGOT_TOKENIZE_NO_SPECIAL, 1 << 16);
    for (size_t room : {size_t(0), size_t(1), all.size() / 2, all.size(), all.size() + 1})
      ASSERT_EQ(ours.encode(text, INGOT_TOKENIZE_NO_SPECIAL, room), all) << number << " " << room;
  }
}

/// Nothing cuts such a text: it is one chunk, in the caller's buffer.
TEST(SentencePieceLibrary, LongTextsWithoutBoundaries) {
  TempFolder folder;
  for (unsigned number = 0; number < 40; ++number) {
    Maker maker(number);
    const std::string bytes = maker.model().finish();
    sentencepiece::SentencePieceProcessor library;
    if (!library.LoadFromSerializedProto(bytes).ok())
      continue;
    SentencePieceModel model = succeed(readSentencePieceModel(folder.write("t.model", bytes)));
    llvm::Expected<TokenizerSpec> spec = resolveSentencePiece(model);
    if (!spec) {
      llvm::consumeError(spec.takeError());
      continue;
    }
    TableTokenizer ours(std::move(*spec));
    for (const std::vector<std::string> &alphabet :
         {std::vector<std::string>{"a"}, {"a", "b"}, {"a", "b", "c", "\xE4\xBD\xA0"}, {" "}}) {
      const std::string text = maker.text(alphabet, 20000, 20000);
      std::vector<int> expected;
      ASSERT_TRUE(library.Encode(text, &expected).ok());
      ASSERT_TRUE(ours.encode(text) == expected) << "model " << number << " of " << alphabet[0];
    }
  }
}
