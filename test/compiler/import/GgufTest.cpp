//===- GgufTest.cpp - The GGUF container ----------------------------------===//
//
// The names of the negative cases are those of llama.cpp's test-gguf where it
// has the case, and of the public bug otherwise.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/Gguf.h"

#include "test/compiler/import/TestFiles.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string openError(StringRef bytes, int *exit = nullptr) {
  TempFolder folder;
  std::string path = folder.write("m.gguf", bytes);
  if (exit)
    *exit = exitOf(GgufFile::open(path));
  return textOf(GgufFile::open(path), folder);
}

static std::string openError(GgufWriter &writer, int *exit = nullptr) {
  return openError(writer.finish(), exit);
}

/// `bytes` with the integer field of that name (its n-th occurrence) replaced.
static std::string patched(GgufWriter writer, StringRef field, uint64_t value, int skip = 0) {
  std::string bytes = writer.finish();
  for (const IntegerField &f : writer.fields())
    if (f.name == field && skip-- == 0) {
      for (size_t i = 0; i < f.width; ++i)
        bytes[f.offset + i] = char(value >> (8 * i));
      return bytes;
    }
  ADD_FAILURE() << "no field " << field.str();
  return bytes;
}

/// Two keys and two F32 tensors of 8 x 2 and 4.
static GgufWriter sample() {
  GgufWriter writer;
  writer.string("key", "value").strings("list", {"a", "bc"});
  writer.tensor("one", {8, 2}, 0, std::string(64, 'x'));
  writer.tensor("two", {4}, 0, std::string(16, 'y'));
  return writer;
}

TEST(Gguf, ReadsKeysAndTensors) {
  TempFolder folder;
  for (uint32_t version : {2u, 3u}) {
    GgufWriter writer(version);
    writer.u32("u", 7).i32("i", -7).f32("f", 1e-5f).boolean("b", true).string("s", "text");
    writer.strings("ss", {"a", "", "bc"}).integers("is", {1, -2}).integers("empty", {});
    writer.raw("f64", 12, StringRef("\0\0\0\0\0\0\xf0\x3f", 8)).raw("i8", 1, "\xff");
    writer.raw("u64", 10, "\xff\xff\xff\xff\xff\xff\xff\xff");
    writer.tensor("one", {8, 2}, 0, std::string(64, 'x'));
    writer.tensor("empty", {32, 0}, 2, "");
    writer.tensor("scalar", {}, 1, "ab");
    auto gguf = succeed(GgufFile::open(folder.write("m.gguf", writer.finish())));
    EXPECT_EQ(gguf->version(), version);
    EXPECT_EQ(gguf->find("u")->asUnsigned(), 7u);
    EXPECT_EQ(gguf->find("i")->asSigned(), -7);
    EXPECT_EQ(gguf->find("i")->asUnsigned(), std::nullopt);
    EXPECT_EQ(gguf->find("f")->asDouble(), 1e-5); // not 9.9999997e-06
    EXPECT_EQ(gguf->find("f64")->asDouble(), 1.0);
    EXPECT_EQ(gguf->find("i8")->asSigned(), -1);
    EXPECT_EQ(gguf->find("u64")->asUnsigned(), UINT64_MAX);
    EXPECT_EQ(gguf->find("u64")->asSigned(), std::nullopt);
    EXPECT_EQ(gguf->find("b")->asBool(), true);
    EXPECT_EQ(gguf->find("u")->asBool(), std::nullopt);
    EXPECT_EQ(gguf->find("s")->asString(), StringRef("text"));
    EXPECT_EQ(gguf->find("ss")->asStrings(), (std::vector<StringRef>{"a", "", "bc"}));
    EXPECT_EQ(gguf->find("is")->asIntegers(), (std::vector<int64_t>{1, -2}));
    EXPECT_EQ(gguf->find("empty")->asIntegers(), std::vector<int64_t>{});
    EXPECT_EQ(gguf->find("is")->asStrings(), std::nullopt);
    EXPECT_EQ(gguf->find("ss")->asIntegers(), std::nullopt);
    EXPECT_EQ(gguf->find("absent"), nullptr);
    ASSERT_EQ(gguf->tensors().size(), 3u);
    EXPECT_EQ(gguf->tensors()[0].shape, (llvm::SmallVector<int64_t, 2>{2, 8}));
    EXPECT_EQ(gguf->tensors()[0].bytes.size(), 64u);
    EXPECT_EQ(gguf->tensors()[0].bytes[63], 'x');
    EXPECT_EQ(gguf->tensors()[1].bytes.size(), 0u); // TENSORS_ZERO_DIM
    EXPECT_EQ(gguf->tensors()[2].bytes.size(), 2u);
  }
}

TEST(Gguf, HeaderEmpty) {
  GgufWriter writer;
  EXPECT_EQ(openError(writer), "success");
}

TEST(Gguf, ExtraBytesAtTheEnd) { EXPECT_EQ(openError(sample().finish() + "zz"), "success"); }

TEST(Gguf, CustomAlign) {
  for (uint32_t alignment : {1u, 64u}) {
    GgufWriter writer;
    writer.alignment = alignment;
    writer.u32("general.alignment", alignment);
    writer.tensor("one", {3}, 0, std::string(12, 'x')).tensor("two", {1}, 0, "abcd");
    EXPECT_EQ(openError(writer), "success");
  }
}

TEST(Gguf, HeaderBadMagic) {
  EXPECT_EQ(openError(""), "m.gguf: error: the file ends inside the header at byte 0");
  EXPECT_EQ(openError("FUGG" + sample().finish().substr(4)),
            "m.gguf: error: the file begins with 'FUGG', expected 'GGUF' at byte 0");
}

TEST(Gguf, HeaderBadVersion) {
  int exit = 0;
  EXPECT_EQ(openError(patched(sample(), "version", 0), &exit),
            "m.gguf: error: GGUF version is 0, expected 2 or 3 at byte 4");
  EXPECT_EQ(exit, 1);
  EXPECT_EQ(openError(patched(sample(), "version", 1), &exit),
            "m.gguf: error: GGUF version is 1, expected 2 or 3 at byte 4");
  EXPECT_EQ(exit, 3);
  EXPECT_EQ(openError(patched(sample(), "version", 4), &exit),
            "m.gguf: error: GGUF version is 4, expected 2 or 3 at byte 4");
  EXPECT_EQ(openError(patched(sample(), "version", 0x03000000), &exit),
            "m.gguf: error: big-endian GGUF files are not supported at byte 4");
  EXPECT_EQ(exit, 3);
}

/// CVE-2024-23605: counts used before they are compared.
TEST(Gguf, HeaderBadCounts) {
  EXPECT_EQ(openError(patched(sample(), "tensor count", UINT64_MAX)),
            "m.gguf: error: tensor count is 18446744073709551615, more than a file of 288 bytes "
            "can hold at byte 8");
  EXPECT_EQ(openError(patched(sample(), "key count", UINT64_MAX)),
            "m.gguf: error: key count is 18446744073709551615, more than a file of 288 bytes can "
            "hold at byte 16");
  // One more than there is: the tensor list is read as a key.
  EXPECT_NE(openError(patched(sample(), "key count", 3)), "success");
  EXPECT_NE(openError(patched(sample(), "tensor count", 3)), "success");
}

TEST(Gguf, TooManyEntriesAreUnsupported) {
  GgufWriter writer;
  for (int i = 0; i < 32769; ++i)
    writer.boolean("k" + std::to_string(i), true);
  int exit = 0;
  EXPECT_EQ(openError(writer, &exit),
            "m.gguf: error: key count is 32769, expected at most 32768 at byte 16");
  EXPECT_EQ(exit, 3);
}

TEST(Gguf, KvBadKeySize) {
  EXPECT_EQ(openError(patched(sample(), "key key length", UINT64_MAX)),
            "m.gguf: error: key 0 is 18446744073709551615 bytes long, expected at most the 256 "
            "that are left at byte 24");
  GgufWriter writer;
  writer.u32(std::string(65536, 'k'), 1);
  EXPECT_EQ(openError(writer),
            "m.gguf: error: key 0 is 65536 bytes long, expected at most 65535 at byte 24");
}

TEST(Gguf, KvEmptyKey) {
  GgufWriter writer;
  writer.u32("", 1);
  EXPECT_EQ(openError(writer), "m.gguf: error: key 0 is '', expected a name at byte 24");
}

TEST(Gguf, KvBadType) {
  EXPECT_EQ(openError(patched(sample(), "key type", 13)),
            "m.gguf: error: the key 'key' has type 13, expected 0 to 12 at byte 35");
  EXPECT_EQ(openError(patched(sample(), "list element type", 13)),
            "m.gguf: error: the array 'list' has type 13, expected 0 to 12 at byte 68");
}

TEST(Gguf, KvDuplicateKey) {
  GgufWriter writer;
  writer.u32("twice", 1).u32("other", 2).u32("twice", 3);
  EXPECT_EQ(openError(writer), "m.gguf: error: the key 'twice' is there twice at byte 83");
}

TEST(Gguf, KvBadAlign) {
  for (uint32_t alignment : {0u, 13u, 1u << 21, 1u << 31}) {
    GgufWriter writer;
    writer.u32("general.alignment", alignment);
    EXPECT_EQ(openError(writer), "m.gguf: error: 'general.alignment' is " +
                                     std::to_string(alignment) +
                                     ", expected a power of two up to 1048576 at byte 53");
  }
}

TEST(Gguf, KvWrongTypeAlign) {
  GgufWriter writer;
  writer.i32("general.alignment", 32);
  EXPECT_EQ(openError(writer),
            "m.gguf: error: 'general.alignment' is of type i32, expected u32 at byte 53");
}

/// PR 26690 and issue 19003: array counts and types taken on trust.
TEST(Gguf, KvBadArray) {
  EXPECT_EQ(openError(patched(sample(), "list element count", uint64_t(1) << 61)),
            "m.gguf: error: the array 'list' has 2305843009213693952 elements, more than the 208 "
            "bytes that are left can hold at byte 72");
  EXPECT_EQ(openError(patched(sample(), "list element length", UINT64_MAX)),
            "m.gguf: error: element 0 of 'list' is 18446744073709551615 bytes long, expected at "
            "most the 200 that are left at byte 80");
  int exit = 0;
  EXPECT_EQ(openError(patched(sample(), "list element type", 9), &exit),
            "m.gguf: error: the key 'list' is an array of arrays at byte 72");
  EXPECT_EQ(exit, 3);
}

TEST(Gguf, KvBadStringLength) {
  EXPECT_EQ(openError(patched(sample(), "key value length", UINT64_MAX)),
            "m.gguf: error: the value of 'key' is 18446744073709551615 bytes long, expected at "
            "most the 241 that are left at byte 39");
}

TEST(Gguf, TensorsBadNameSize) {
  GgufWriter writer;
  writer.tensor(std::string(64, 'n'), {1}, 0, "abcd");
  EXPECT_EQ(openError(writer), "m.gguf: error: the name of tensor 0 is 64 bytes long, expected at "
                               "most 63 at byte 24");
  GgufWriter longest;
  longest.tensor(std::string(63, 'n'), {1}, 0, "abcd");
  EXPECT_EQ(openError(longest), "success");
}

TEST(Gguf, TensorsNameWithNul) {
  GgufWriter writer;
  writer.tensor(StringRef("a\0b", 3), {1}, 0, "abcd");
  EXPECT_EQ(openError(writer),
            "m.gguf: error: tensor 0 is named 'a\\x00b', expected a name at byte 24");
}

TEST(Gguf, TensorsBadNDims) {
  GgufWriter writer;
  writer.tensor("t", {1, 1, 1, 1, 1}, 0, "abcd");
  EXPECT_EQ(openError(writer),
            "m.gguf: error: tensor 't' has 5 dimensions, expected at most 4 at byte 33");
}

/// CVE-2024-21802: dimensions in size arithmetic.
TEST(Gguf, TensorsBadShape) {
  EXPECT_EQ(openError(patched(sample(), "one extent", UINT64_MAX)),
            "m.gguf: error: tensor 'one' has an extent of 18446744073709551615, expected at most "
            "2^63 - 1 at byte 114");
}

TEST(Gguf, TensorsNeTooBig) {
  GgufWriter writer;
  writer.tensor("t", {uint64_t(4) * INT32_MAX, uint64_t(4) * INT32_MAX}, 0, "");
  EXPECT_EQ(openError(writer),
            "m.gguf: error: tensor 't' has more than 2^63 - 1 elements at byte 45");
}

TEST(Gguf, TensorsNbytesTooBig) {
  GgufWriter writer;
  writer.tensor("t", {uint64_t(1) << 31, uint64_t(1) << 31}, 27, ""); // 2^62 numbers of 8 bytes
  EXPECT_EQ(openError(writer), "m.gguf: error: tensor 't' has more than 2^64 bytes at byte 53");
}

/// PR 26318: padding that wraps to zero made a huge tensor free.
TEST(Gguf, TensorsNbytesPadWrap) {
  GgufWriter writer;
  writer.tensor("t", {(uint64_t(1) << 62) - 1}, 0, ""); // 2^64 - 4 bytes
  writer.tensor("u", {1}, 0, "abcd");
  EXPECT_EQ(openError(writer), "m.gguf: error: tensor 't' of 18446744073709551612 bytes reaches "
                               "past the end of the file (128 bytes) at byte 24");
}

TEST(Gguf, TensorsBadType) {
  int exit = 0;
  for (uint32_t type : {4u, 31u, 42u, 0xffffffffu})
    EXPECT_EQ(openError(patched(sample(), "one type", type), &exit),
              "m.gguf: error: tensor 'one' has the unknown type " + std::to_string(type) +
                  " at byte 130");
  EXPECT_EQ(exit, 3);
}

TEST(Gguf, TensorsBadRow) {
  EXPECT_EQ(openError(patched(sample(), "one type", 2)),
            "m.gguf: error: tensor 'one' has rows of 8 elements, expected a multiple of 32 for "
            "type q4_0 at byte 130");
}

TEST(Gguf, TensorsBadOffset) {
  EXPECT_EQ(openError(patched(sample(), "one offset", UINT64_MAX)),
            "m.gguf: error: tensor 'one' is at offset 18446744073709551615 of the data, expected "
            "0 at byte 99");
  EXPECT_EQ(openError(patched(sample(), "two offset", 32)), // inside the first: shared bytes
            "m.gguf: error: tensor 'two' is at offset 32 of the data, expected 64 at byte 142");
  EXPECT_EQ(openError(patched(sample(), "two offset", 96)), // a hole
            "m.gguf: error: tensor 'two' is at offset 96 of the data, expected 64 at byte 142");
}

TEST(Gguf, TensorsDuplicateName) {
  GgufWriter writer;
  writer.tensor("t", {1}, 0, "abcd").tensor("t", {1}, 0, "abcd");
  EXPECT_EQ(openError(writer), "m.gguf: error: the tensor 't' is there twice at byte 57");
}

TEST(Gguf, TensorsInconsistentAlign) {
  GgufWriter writer;
  writer.alignment = 1;
  writer.tensor("one", {3}, 0, std::string(12, 'x')).tensor("two", {1}, 0, "abcd");
  EXPECT_NE(openError(writer), "success");
}

TEST(Gguf, DataNotEnoughData) {
  std::string bytes = sample().finish();
  EXPECT_EQ(openError(StringRef(bytes).drop_back()),
            "m.gguf: error: tensor 'two' of 16 bytes reaches past the end of the file (287 bytes) "
            "at byte 142");
}

/// CVE-2025-53630: the sum of two sizes wraps.
TEST(Gguf, DataMemSizeOverflow) {
  GgufWriter writer;
  writer.tensor("a", {0x7FFFFFFFFFFFFFC0u}, 24, "");
  writer.offsetError = 0x7FFFFFFFFFFFFFC0u;
  writer.tensor("b", {0x7FFFFFFFFFFFFFC0u}, 24, std::string(32, 'x'));
  EXPECT_NE(openError(writer), "success");
}

TEST(Gguf, EveryTruncationIsAnError) {
  std::string bytes = sample().finish();
  for (size_t length = 0; length < bytes.size(); ++length)
    EXPECT_NE(openError(StringRef(bytes).take_front(length)), "success") << length;
}
