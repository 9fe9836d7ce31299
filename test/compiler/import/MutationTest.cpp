//===- MutationTest.cpp - Damaged files -----------------------------------===//
//
// Truncations, flipped bits, overwritten bytes and texts that repeat a part of
// themselves: every one is refused with an error or read as a correct model,
// without a sanitizer's word and without allocating out of proportion. What a
// mutation is depends on its number alone, so a failing one can be named.
//
//===----------------------------------------------------------------------===//

#include "test/compiler/import/Hostile.h"
#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/TorchFiles.h"

#include <gtest/gtest.h>

#include <random>

using namespace ingot;
using namespace ingot::test;

static std::string tinyIndex() {
  std::string bytes = tinySafetensors();
  // Every tensor's name stands before ":{"dtype"; the index lists them again.
  std::string map;
  for (size_t at = 0; (at = bytes.find("\":{\"dtype\"", at)) != std::string::npos; ++at) {
    size_t begin = bytes.rfind('"', at - 1) + 1;
    map +=
        (map.empty() ? "\"" : ",\n\"") + bytes.substr(begin, at - begin) + "\":\"s1.safetensors\"";
  }
  return "{\"metadata\": {},\n\"weight_map\": {" + map + "}}";
}

/// A changed pickle must reach the reader of pickles.
static std::string torchWithoutChecksums() { return tinyTorch(/*tied=*/true, false).finish(); }

static std::string original(Kind kind) {
  switch (kind) {
  case Kind::Gguf:
    return tinyGguf().finish();
  case Kind::Safetensors:
    return tinySafetensors();
  case Kind::Index:
    return tinyIndex();
  case Kind::Yaml:
    return tinyYaml();
  case Kind::Config:
    return tinyConfig();
  case Kind::Torch:
    return torchWithoutChecksums();
  }
  return "";
}

/// The part in which damage is interesting; behind it are zeros.
static size_t headerSize(Kind kind, const std::string &bytes) {
  if (kind == Kind::Gguf)
    return bytes.find("output_norm.weight") + 64;
  if (kind == Kind::Torch) // the pickle; the directory has tests of its own
    return bytes.find("m/data/0");
  return kind == Kind::Safetensors ? bytes.find("}}", 8) + 2 : bytes.size();
}

namespace {

class Mutation : public testing::TestWithParam<Kind> {
protected:
  const Kind kind = GetParam();
  const std::string good = original(kind);
  const size_t header = headerSize(kind, good);
};

} // namespace

TEST_P(Mutation, TheOriginalIsAccepted) { EXPECT_TRUE(readHostile(kind, good)); }

TEST_P(Mutation, Truncated) {
  // Every length of the header where that is not too many.
  size_t step = std::max<size_t>(1, header / 400);
  for (size_t length = 0; length < header; length += step) {
    bool accepted = readHostile(kind, llvm::StringRef(good).take_front(length));
    bool text = kind == Kind::Yaml; // half a YAML file may be a whole one
    EXPECT_TRUE(!accepted || text) << length;
  }
  if (kind == Kind::Gguf || kind == Kind::Safetensors || kind == Kind::Torch)
    EXPECT_FALSE(readHostile(kind, llvm::StringRef(good).drop_back()));
}

TEST_P(Mutation, BitsFlipped) {
  size_t step = std::max<size_t>(1, header * 8 / 1500);
  for (size_t bit = 0; bit < header * 8; bit += step) {
    std::string bytes = good;
    bytes[bit / 8] = char(bytes[bit / 8] ^ (1 << (bit % 8)));
    readHostile(kind, bytes);
  }
}

TEST_P(Mutation, BytesOverwrittenAndMoved) {
  for (unsigned number = 0; number < 400; ++number) {
    std::mt19937 random(number);
    auto below = [&](size_t limit) { return random() % std::max<size_t>(limit, 1); };
    std::string bytes = good;
    size_t at = below(header), length = 1 + below(16);
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
      bytes.insert(below(header), bytes.substr(at, 8 * length));
      break;
    default: // a part gone
      bytes.erase(at, length);
    }
    readHostile(kind, bytes);
  }
}

/// Damage behind the header is either noticed or a finite model.
TEST_P(Mutation, DataFlipped) {
  for (unsigned number = 0; number < 100 && header < good.size(); ++number) {
    std::mt19937 random(number);
    std::string bytes = good;
    bytes[header + random() % (bytes.size() - header)] ^= char(1 << (random() % 8));
    readHostile(kind, bytes);
  }
}

static std::string kindName(const testing::TestParamInfo<Kind> &info) {
  static constexpr const char *names[] = {"gguf", "safetensors", "index",
                                          "yaml", "config",      "torch"};
  return names[size_t(info.param)];
}

INSTANTIATE_TEST_SUITE_P(Each, Mutation,
                         testing::Values(Kind::Gguf, Kind::Safetensors, Kind::Index, Kind::Yaml,
                                         Kind::Config, Kind::Torch),
                         kindName);

/// The end of a ZIP, where its directory is, and both copies of what it says.
TEST(Mutation, DirectoryOfAZip) {
  const std::string good = original(Kind::Torch);
  const size_t begin = good.find("PK\1\2"), bits = (good.size() - begin) * 8;
  size_t refused = 0, files = 0;
  for (size_t bit = 0; bit < bits; bit += 5, ++files) {
    std::string bytes = good;
    bytes[begin + bit / 8] = char(bytes[begin + bit / 8] ^ (1 << (bit % 8)));
    refused += !readHostile(Kind::Torch, bytes);
  }
  EXPECT_GT(files, 1000u);
  EXPECT_GT(refused, files / 2); // the rest are times, versions and attributes
  for (size_t length = begin; length < good.size(); length += 7)
    EXPECT_FALSE(readHostile(Kind::Torch, llvm::StringRef(good).take_front(length)));
}

/// Files that are built to make a reader allocate: many of the smallest thing
/// that each format has.
TEST(Allocation, WideFilesStayInProportion) {
  auto repeat = [](llvm::StringRef part, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i)
      text += part;
    return text;
  };
  constexpr size_t million = 1 << 20;
  for (Kind kind : {Kind::Config, Kind::Index})
    for (const std::string &text :
         {repeat("[", million), "[" + repeat("0,", million / 2) + "0]",
          "[" + repeat("[],", million / 3) + "0]", "{\"a\":" + repeat("{\"a\":", 60) + "1",
          "\"" + repeat("\\u0041", million / 6) + "\""})
      EXPECT_FALSE(readHostile(kind, text));
  std::string keys = "{";
  for (size_t i = 0; i < million / 10; ++i)
    keys += "\"" + std::to_string(i) + "\":0,";
  EXPECT_FALSE(readHostile(Kind::Config, keys + "\"0\":0}"));

  constexpr size_t yaml = 256 * 1024;
  for (const std::string &text :
       {repeat("[", yaml), repeat("{", yaml), repeat("- ", yaml / 2), repeat("? ", yaml / 2),
        "[" + repeat("a,", yaml / 2 - 1), "{" + repeat("a: {", yaml / 4 - 1),
        repeat("a:\n", yaml / 3), repeat("[]", yaml / 2), repeat("&a ", yaml / 3),
        "a: |\n" + repeat(" x\n", yaml / 3 - 3), "\"" + repeat("\\n", yaml / 2 - 1),
        repeat("\n", yaml), repeat("[", 32768), repeat("[a,", 16384), repeat("{a: ", 16384),
        repeat("- ", 32768), repeat("%", yaml), repeat("---\n", yaml / 4), repeat("!", yaml)})
    EXPECT_FALSE(readHostile(Kind::Yaml, text)) << text.substr(0, 8);

  GgufWriter strings;
  strings.string("general.architecture", "llama");
  strings.raw("list", 9,
              std::string("\x08\0\0\0\0\0\x08\0\0\0\0\0", 12) + std::string(million / 2 * 8, '\0'));
  EXPECT_FALSE(readHostile(Kind::Gguf, strings.finish()));
  GgufWriter tensors;
  tensors.string("general.architecture", "llama");
  for (int i = 0; i < 32768; ++i)
    tensors.tensor(std::to_string(i), {1, 1, 1, 0}, 0, "");
  EXPECT_FALSE(readHostile(Kind::Gguf, tensors.finish()));

  for (const std::string &opcodes :
       {repeat("N", million), repeat("(", million), repeat("}", million), repeat(")", million),
        "N" + repeat("\x85", million), "}" + repeat(llvm::StringRef("X\0\0\0\0Ns", 7), million / 7),
        "}q" + std::string(1, '\0') + repeat(std::string("h\0", 2), million / 2),
        repeat("ccollections\nOrderedDict\n)R", million / 28)}) {
    ZipWriter zip;
    zip.record("m/data.pkl", PickleWriter().raw(opcodes).finish());
    EXPECT_FALSE(readHostile(Kind::Torch, zip.record("m/version", "3").finish()));
  }
  ZipWriter records;
  for (int i = 0; i < 20000; ++i)
    records.record("m/data/" + std::to_string(i), "");
  EXPECT_FALSE(readHostile(Kind::Torch, records.finish()));
  PickleWriter many; // one storage, many views of it by recalled arguments
  many.raw("}").put().raw("(").text("w").tensor("HalfStorage", "0", 6, 0, {6}, {1});
  for (int i = 0; i < 100000; ++i)
    many.raw("X")
        .raw(llvm::StringRef("\4\0\0\0", 4))
        .raw(std::to_string(10000 + i).substr(1, 4))
        .raw("h\x03h\x0cR");
  ZipWriter views;
  views.record("m/data.pkl", many.raw("u").finish()).record("m/data/0", "aabbccddeeff");
  EXPECT_FALSE(readHostile(Kind::Torch, views.record("m/version", "3").finish()));

  std::string header = "{";
  for (int i = 0; i < 32768; ++i)
    header += (i ? ",\"" : "\"") + std::to_string(i) +
              "\":{\"dtype\":\"F32\",\"shape\":[0,1,1,1,1,1,1,1],\"data_offsets\":[0,0]}";
  EXPECT_FALSE(readHostile(Kind::Safetensors, safetensors(header + "}", "")));
}
