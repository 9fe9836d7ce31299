//===- SentencePieceModelTest.cpp - tokenizer.model, right and wrong ------===//

#include "compiler/import/ModelFiles.h"

#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/tokenizer/PieceModels.h"

#include "llvm/Support/Endian.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace ingot;
using namespace ingot::test;

namespace {

const std::string kSpace = "\xE2\x96\x81";

PieceModel small() {
  PieceModel model;
  model.add("<unk>", 0, PieceType::Unknown);
  model.add("<s>", 0, PieceType::Control);
  model.add("</s>", 0, PieceType::Control);
  model.add(kSpace + "a", -1);
  model.add(kSpace, -2);
  model.add("a", -3);
  return model;
}

/// The model all the way to its tables, or the error.
std::string read(const std::string &bytes, int *exitCode = nullptr) {
  TempFolder folder;
  const std::string path = folder.write("t.model", bytes);
  auto resolve = [&]() -> llvm::Error {
    llvm::Expected<SentencePieceModel> model = readSentencePieceModel(path);
    if (!model)
      return model.takeError();
    return resolveSentencePiece(*model).takeError();
  };
  if (exitCode)
    *exitCode = exitOf(resolve());
  return textOf(resolve(), folder);
}

TokenizerSpec specOf(const std::string &bytes) {
  TempFolder folder;
  return succeed(
      resolveSentencePiece(succeed(readSentencePieceModel(folder.write("t.model", bytes)))));
}

/// A double array with one rule: the byte 'A' becomes `text`.
std::string charsmap(llvm::StringRef text, uint32_t value = 0, uint32_t rootOffset = 256) {
  std::vector<uint32_t> units(1024);
  units[0] = rootOffset << 10;
  const uint32_t leaf = rootOffset ^ 'A';
  units[leaf] = (512u << 10) | 0x100 | 'A';
  units[leaf ^ 512] = 0x80000000 | value;
  std::string out(4 + 4 * units.size(), '\0');
  llvm::support::endian::write32le(out.data(), static_cast<uint32_t>(4 * units.size()));
  for (size_t i = 0; i < units.size(); ++i)
    llvm::support::endian::write32le(out.data() + 4 + 4 * i, units[i]);
  return out + text.str() + '\0';
}

} // namespace

TEST(SentencePieceModel, ReadsWhatDecidesIds) {
  TempFolder folder;
  PieceModel made = small();
  made.byteFallback = true;
  made.addBytes();
  made.suffix = true;
  made.removeSpaces = false;
  const std::string path = folder.write("tokenizer.model", made.finish());
  SentencePieceModel model = succeed(readSentencePieceModel(path));
  EXPECT_EQ(model.pieces.size(), 262u);
  EXPECT_FALSE(model.unigram);
  EXPECT_TRUE(model.byteFallback && model.spaceSuffix && model.escapeSpaces);
  EXPECT_FALSE(model.removeSpaces);
  EXPECT_EQ(model.prefix, SpacePrefix::Always);
  EXPECT_EQ(model.controlPiece("</s>"), 2);
  EXPECT_EQ(model.controlPiece("a"), -1);
  TokenizerRef defaults = succeed(tokenizerDefaults(path));
  EXPECT_TRUE(defaults.addBos);
  EXPECT_EQ(defaults.bos, 1);
  EXPECT_EQ(defaults.eos, std::vector<int64_t>{2});
}

TEST(SentencePieceModel, EveryPieceIsMadeByOnePair) {
  PieceModel made = small();
  made.add("b", -4);
  made.add("ab", -5);
  made.add(kSpace + "ab", -6); // of "_a" and "b", not of "_" and "ab": "_a" goes first
  made.add("zz", -7);          // of characters that are no pieces
  TokenizerSpec spec = specOf(made.finish());
  ASSERT_EQ(spec.sentencePiece->extraCharacters, std::vector<uint32_t>{'z'});
  ASSERT_EQ(spec.merges.size(), 4u);
  for (const TokenizerSpec::Merge &merge : spec.merges)
    if (merge.result == 8) {
      EXPECT_EQ(merge.left, 3);
      EXPECT_EQ(merge.right, 6);
      EXPECT_EQ(merge.rank, 2u);
    }
}

TEST(SentencePieceModel, AddedTokensAreFoundUnlessTheTextIsPlain) {
  TableTokenizer tokenizer(specOf(small().finish()));
  EXPECT_EQ(tokenizer.encode("a<s>a", 0), (std::vector<int32_t>{3, 1, 3}));
  EXPECT_EQ(tokenizer.encode("a<s>a"), (std::vector<int32_t>{3, 0, 5}));
  EXPECT_EQ(tokenizer.decode({1, 3, 0, 3, 2}), "<s>a \xE2\x81\x87  a</s>");
  EXPECT_EQ(tokenizer.stream({1, 3, 3}, INGOT_DETOKENIZE_SKIP_SPECIAL), "a a");
  EXPECT_EQ(tokenizer.stream({1, 3, 3}, INGOT_DETOKENIZE_SKIP_SPECIAL | INGOT_DETOKENIZE_CONTINUE),
            " a a");
}

TEST(SentencePieceModel, AStreamNeverSplitsACharacter) {
  PieceModel made = small();
  made.byteFallback = true;
  made.addBytes();
  TableTokenizer tokenizer(specOf(made.finish()));
  const std::string text = "a\xF0\x9F\x98\x80\xE4\xBD\xA0";
  const std::vector<int32_t> ids = tokenizer.encode(text);
  EXPECT_EQ(ids.size(), 8u);
  ingot_detokenizer detokenizer = {};
  detokenizer.size = sizeof detokenizer;
  std::vector<std::string> parts;
  for (int32_t id : ids) {
    char part[64];
    size_t size = sizeof part;
    ASSERT_EQ(ingot_detokenizer_next(tokenizer.get(), &detokenizer, id, part, &size), INGOT_OK);
    parts.emplace_back(part, size);
  }
  EXPECT_EQ(parts, (std::vector<std::string>{"a", "", "", "", "\xF0\x9F\x98\x80", "", "",
                                             "\xE4\xBD\xA0"}));
  // Bytes that end too early are U+FFFD each, once nothing can follow.
  EXPECT_EQ(tokenizer.stream({6 + 0xF0, 6 + 0x9F}), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(tokenizer.stream({6 + 0xE4, 5}), "\xEF\xBF\xBD"
                                             "a");
}

/// A conversation is fed through in windows; the encoder sees one text.
TEST(SentencePieceModel, AChatIsEncodedWhole) {
  PieceModel made = small();
  made.add("b", -4);
  made.removeSpaces = false;
  TableTokenizer tokenizer(specOf(made.finish()));
  ingot_chat chat = {};
  chat.struct_bytes = sizeof chat;
  chat.prologue = {"<s>", 3, 0};
  chat.prefix[INGOT_ROLE_USER] = {"b ", 2, 0};
  chat.suffix[INGOT_ROLE_USER] = {" b</s>", 6, 0};
  ingot_model model = *tokenizer.get();
  model.chat = &chat;
  std::string text = "</s>"; // read as plain
  while (text.size() < 5000)
    text += "ab a  b";
  const ingot_chat_message message = {INGOT_ROLE_USER, 0, text.data(), text.size()};
  std::vector<int32_t> ids(10000);
  size_t count = ids.size();
  ASSERT_EQ(ingot_chat_render(&model, &message, 1, 0, ids.data(), &count), INGOT_OK);
  ids.resize(count);
  std::vector<int32_t> expected = tokenizer.encode("b " + text + " b");
  expected.insert(expected.begin(), 1);
  expected.push_back(2);
  EXPECT_EQ(ids, expected);
}

TEST(SentencePieceModel, RulesReplace) {
  PieceModel made = small();
  made.charsmap = charsmap("a a");
  TableTokenizer tokenizer(specOf(made.finish()));
  EXPECT_EQ(tokenizer.encode("A"), (std::vector<int32_t>{3, 3}));
}

TEST(SentencePieceModel, NamesWhatItHasNot) {
  auto unsupportedText = [](const std::string &bytes) {
    int exitCode = 0;
    const std::string text = read(bytes, &exitCode);
    EXPECT_EQ(exitCode, 3) << text;
    return text;
  };
  const std::string pieces = small().pieces;
  EXPECT_NE(unsupportedText(pieces + protoBytes(2, protoVarint(3, 3)))
                .find("the model type is WORD, only BPE and UNIGRAM are supported at byte"),
            std::string::npos);
  EXPECT_NE(unsupportedText(pieces + protoBytes(2, protoVarint(3, 4))).find("CHAR"),
            std::string::npos);
  EXPECT_NE(unsupportedText(small().finish() + protoBytes(5, protoBytes(2, "rules")))
                .find("'denormalizer_spec' has rules"),
            std::string::npos);
  PieceModel made = small();
  made.add(std::string(600, 'x'), 0, PieceType::UserDefined);
  EXPECT_NE(unsupportedText(made.finish()).find("has 600 bytes, expected at most 512"),
            std::string::npos);
  made = small();
  made.add("x", 0, PieceType::Control);
  EXPECT_NE(unsupportedText(made.finish()).find("is a control piece of one character"),
            std::string::npos);
  made = small();
  made.unigram = true;
  made.add(std::string(300, 'x'));
  EXPECT_NE(unsupportedText(made.finish()).find("has 300 characters, expected at most 256"),
            std::string::npos);
}

TEST(SentencePieceModel, ErrorsSayWhatAndWhere) {
  const std::string good = small().finish(), pieces = small().pieces;
  EXPECT_EQ(read(good), "success");
  EXPECT_EQ(read(""), "t.model: error: there are no pieces in the file, expected a SentencePiece "
                      "model");
  EXPECT_EQ(read("\x0a"), "t.model: error: the model ends inside a number at byte 1");
  EXPECT_EQ(read("\x0a\x05"), "t.model: error: field 1 of the model is 5 bytes long, expected at "
                              "most the 0 that are left at byte 0");
  EXPECT_EQ(read(std::string(11, '\xff')),
            "t.model: error: a number in the model has more than 64 bits at byte 0");
  EXPECT_EQ(read(std::string("\x00\x00", 2)),
            "t.model: error: the model has a field of number 0 at byte 0");
  EXPECT_EQ(read("\x0b"), "t.model: error: field 1 of the model has wire type 3, expected 0, 1, 2 "
                          "or 5 at byte 0");
  EXPECT_EQ(read(protoVarint(1, 7)),
            "t.model: error: 'pieces' is a varint, expected bytes at byte 0");
  EXPECT_EQ(read(protoBytes(1, "")), "t.model: error: piece 0 is empty at byte 0");
  EXPECT_EQ(read(protoBytes(1, protoBytes(1, "\xff"))),
            "t.model: error: 'piece' is '\\xff', expected UTF-8 at byte 4");
  EXPECT_EQ(read(protoBytes(1, protoBytes(1, "a") + protoBytes(1, "b"))),
            "t.model: error: 'piece' stands twice at byte 5");
  EXPECT_EQ(read(protoPiece("a", NAN)), "t.model: error: 'score' is not a finite number at byte 5");
  EXPECT_EQ(read(protoPiece("a", 0, PieceType(9))),
            "t.model: error: 'type' is 9, expected 1 to 6 at byte 10");
  EXPECT_EQ(read(good + protoBytes(2, "")),
            "t.model: error: 'trainer_spec' stands twice at byte " + std::to_string(good.size()));
  EXPECT_EQ(read(pieces + protoBytes(3, protoVarint(3, 2))),
            "t.model: error: 'add_dummy_prefix' is 2, expected 0 to 1 at byte " +
                std::to_string(pieces.size() + 2));
  EXPECT_EQ(read(pieces + protoPiece("a")),
            "t.model: error: piece 6 ('a') stands twice at byte " + std::to_string(pieces.size()));
  EXPECT_EQ(
      read(pieces + protoPiece("b", 0, PieceType::Unknown)),
      "t.model: error: piece 6 ('b') is a second unknown piece, the first is piece 0 at byte " +
          std::to_string(pieces.size()));
  EXPECT_EQ(
      read(pieces + protoPiece("<0x41>", 0, PieceType::Byte)),
      "t.model: error: piece 6 ('<0x41>') is a byte, but 'byte_fallback' is not set at byte " +
          std::to_string(pieces.size()));
  PieceModel made = small();
  made.byteFallback = true;
  EXPECT_EQ(read(made.finish()),
            "t.model: error: there are 0 byte pieces, expected 256 with 'byte_fallback'");
  for (const char *form : {"<0x-1>", "<0x4>", "<0x041>", "<0xfF>", "<0x 1>", "x"}) {
    made = small();
    made.byteFallback = true;
    made.add(form, 0, PieceType::Byte);
    EXPECT_NE(read(made.finish()).find("is a byte, expected the form '<0xNN>'"), std::string::npos);
  }
  made = PieceModel();
  made.add("a");
  EXPECT_EQ(read(made.finish()), "t.model: error: there is no unknown piece");
}

TEST(SentencePieceModel, RulesThatLeadAstray) {
  auto with = [](std::string map) {
    PieceModel made = small();
    made.charsmap = std::move(map);
    const std::string text = read(made.finish());
    EXPECT_NE(text.find(" at byte "), std::string::npos) << text;
    return text;
  };
  auto patched = [](std::string map, size_t unit, uint32_t bits) {
    llvm::support::endian::write32le(map.data() + 4 + 4 * unit, bits);
    return map;
  };
  EXPECT_NE(with("abc").find("there are 3 bytes, expected at least 4"), std::string::npos);
  EXPECT_NE(with(std::string("\xff\xff\xff\xff", 4) + "xy").find("the array has 4294967295 bytes"),
            std::string::npos);
  std::string open = charsmap("a");
  open.back() = 'x';
  EXPECT_NE(with(open).find("the last replacement does not end"), std::string::npos);
  EXPECT_NE(with(charsmap("a", 2)).find("a replacement begins at 2, expected less than 2"),
            std::string::npos);
  EXPECT_NE(with(charsmap("\xff")).find("expected UTF-8"), std::string::npos);
  const uint32_t leaf = 256 ^ 'A';
  EXPECT_NE(with(patched(charsmap("a"), leaf ^ 512, 0)).find("of the array has no value"),
            std::string::npos);
  EXPECT_NE(with(patched(charsmap("a"), leaf, 0x7ffffd00 | 'A')).find("of the array has no value"),
            std::string::npos);
  // From the leaf by 'B' to itself, which is labelled 'B' then.
  std::string circle = charsmap("a", 0, 256 ^ 'A' ^ 'B');
  circle = patched(circle, 256 ^ 'A', 0);
  circle = patched(circle, 256, (uint32_t('B') << 10) | 'B');
  circle = patched(circle, 0, (256u ^ 'B') << 10);
  EXPECT_NE(with(circle).find("the array leads in a circle"), std::string::npos);
  int exitCode = 0;
  PieceModel made = small();
  made.charsmap = charsmap(std::string(300, 'a'));
  EXPECT_NE(read(made.finish(), &exitCode).find("a replacement with 300 bytes"), std::string::npos);
  EXPECT_EQ(exitCode, 3);
}
