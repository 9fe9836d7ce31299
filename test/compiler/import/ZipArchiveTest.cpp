#include "compiler/import/ZipArchive.h"

#include "test/compiler/import/TorchFiles.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;
using llvm::StringRef;

static std::string errorOf(StringRef bytes, int *exit = nullptr) {
  TempFolder folder;
  if (exit)
    *exit = exitOf(readZipArchive("z", llvm::arrayRefFromStringRef(bytes)));
  return textOf(readZipArchive("z", llvm::arrayRefFromStringRef(bytes)), folder);
}

static std::string errorOf(ZipWriter writer) { return errorOf(writer.finish()); }

namespace {

/// Two records, as PyTorch writes them.
struct Zip : testing::Test {
  Zip() {
    writer.record("m/a", "hello").record("m/b", "worlds!");
    good = writer.finish();
  }
  std::string with(StringRef field, uint64_t value) const {
    return patched(good, writer.field(field), value);
  }
  std::string error(StringRef field, uint64_t value) const { return errorOf(with(field, value)); }
  std::string at(StringRef field, int64_t more = 0) const {
    return " at byte " + std::to_string(int64_t(writer.field(field).offset) + more);
  }

  ZipWriter writer;
  std::string good;
};

} // namespace

TEST_F(Zip, Reads) {
  auto records = succeed(readZipArchive("z", llvm::arrayRefFromStringRef(good)));
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].name, "m/a");
  EXPECT_EQ(llvm::toStringRef(records[0].bytes), "hello");
  EXPECT_EQ(llvm::toStringRef(records[1].bytes), "worlds!");
  EXPECT_GE((const char *)records[0].bytes.data(), good.data()); // a view, not a copy
}

TEST_F(Zip, ReadsOtherWriters) {
  for (bool descriptors : {false, true})
    for (bool zip64 : {false, true}) {
      ZipWriter other;
      other.descriptors = descriptors;
      other.zip64 = zip64;
      // Padding as PyTorch's writer and Android's tools put it there.
      other.record("m/a", "hello", StringRef("FB\2\0ZZ", 6)).record("m/empty", "");
      EXPECT_EQ(errorOf(other), "success");
    }
  EXPECT_EQ(errorOf(ZipWriter()), "success"); // no record at all
}

TEST_F(Zip, ReadsSizesOfZip64) {
  std::string sizes = "\5" + std::string(7, '\0') + "\5" + std::string(7, '\0');
  std::string field = StringRef("\1\0\x10\0", 4).str() + sizes;
  ZipWriter wide;
  wide.descriptors = false;
  wide.record("m/a", "hello", field, field);
  std::string bytes = wide.finish();
  for (const char *side : {"local", "central"})
    for (const char *size : {" packed", " size"})
      bytes = patched(bytes, wide.field("0 " + std::string(side) + size), 0xffffffff);
  EXPECT_EQ(errorOf(bytes), "success");
  EXPECT_EQ(errorOf(patched(bytes, wide.field("0 central size"), 5)),
            "z: error: the record 'm/a' has a ZIP64 field of 16 bytes, expected 8 for each number "
            "that is 0xffffffff at byte 58");
  EXPECT_EQ(errorOf(patched(bytes, wide.field("0 local size"), 6)),
            "z: error: the record 'm/a' has another size, CRC-32, method or flags in its local "
            "header than in the central directory at byte 0");
}

TEST_F(Zip, EndRecords) {
  const std::string notEnd = "z: error: the file does not end with a ZIP archive's end record (it "
                             "is cut short, or has a comment, which is not allowed) at byte ";
  EXPECT_EQ(errorOf("PK"),
            "z: error: the file has 2 bytes, expected a ZIP archive's end record of 22");
  EXPECT_EQ(errorOf(StringRef(good).drop_back()), notEnd + std::to_string(good.size() - 23));
  EXPECT_EQ(errorOf(good + "comment"), notEnd + std::to_string(good.size() - 15));
  EXPECT_EQ(errorOf(with("end comment length", 7) + "comment"),
            notEnd + std::to_string(good.size() - 15));
  EXPECT_EQ(error("end comment length", 1),
            "z: error: the archive has a comment, which is not allowed" + at("end signature"));
  // A second end record inside a comment, the classic of two readers.
  ZipWriter inner;
  inner.record("m/a", "other");
  EXPECT_NE(errorOf(with("end comment length", inner.finish().size()) + inner.finish()), "success");
  for (const char *field : {"end64 disk", "end64 directory disk", "end64 entries here",
                            "locator disk", "locator disks"})
    EXPECT_EQ(error(field, 3),
              "z: error: the archive is spread over several files" + at("end64 signature"));
  for (const char *field : {"end disk", "end directory disk", "end entries here", "end entries",
                            "end directory size", "end directory offset"})
    EXPECT_EQ(error(field, 3),
              "z: error: the end record and the ZIP64 end record disagree" + at("end64 signature"));
  for (const char *field : {"end directory size", "end directory offset"})
    EXPECT_EQ(error(field, 0xffffffff), "success"); // then only the wide number counts
  EXPECT_EQ(error("locator offset", 0), "z: error: the ZIP64 end record is at byte 0, expected it "
                                        "right before this locator" +
                                            at("locator signature"));
  for (const char *field : {"end64 signature", "end64 size behind"})
    EXPECT_EQ(error(field, 45),
              "z: error: there is no ZIP64 end record of 56 bytes" + at("end64 signature"));
}

TEST_F(Zip, DirectoryFillsTheEnd) {
  ZipWriter narrow;
  narrow.zip64 = false;
  narrow.record("m/a", "hello");
  std::string bytes = narrow.finish();
  for (const char *field : {"end directory size", "end directory offset"})
    EXPECT_NE(errorOf(patched(bytes, narrow.field(field), 40))
                  .find("the central directory does not end where the end records begin"),
              std::string::npos);
  auto entries = [&](uint64_t count) {
    return errorOf(patched(patched(bytes, narrow.field("end entries"), count),
                           narrow.field("end entries here"), count));
  };
  EXPECT_EQ(entries(0), "z: error: the central directory is longer than its 0 records at byte 54");
  EXPECT_EQ(entries(2),
            "z: error: the central directory of 49 bytes cannot hold 2 records at byte 54");
  EXPECT_EQ(errorOf(patched(patched(patched(patched(good, writer.field("end64 entries"), 1 << 20),
                                            writer.field("end64 entries here"), 1 << 20),
                                    writer.field("end entries"), 0xffff),
                            writer.field("end entries here"), 0xffff)),
            "z: error: the archive has 1048576 records, expected at most 65536");
  EXPECT_NE(error("end64 directory offset", ~uint64_t(0)).find("disagree"), std::string::npos);
}

TEST_F(Zip, CompressedAndEncryptedRecordsAreUnsupported) {
  struct Case {
    const char *field;
    uint64_t value;
    const char *error;
  };
  for (const Case &c : {
           Case{"1 central method", 8, "is compressed (method 8), expected it to be stored"},
           Case{"1 central method", 99, "is compressed (method 99), expected it to be stored"},
           Case{"1 central flags", 0x0809, "is encrypted"},
           Case{"1 central flags", 0x0041, "is encrypted"},
           Case{"1 central flags", 0x2808, "has the flags 0x2808, expected none but 0x8 and 0x800"},
           Case{"1 central flags", 0x0820, "has the flags 0x820, expected none but 0x8 and 0x800"},
       }) {
    int exit = 0;
    EXPECT_EQ(errorOf(with(c.field, c.value), &exit),
              "z: error: the record 'm/b' " + std::string(c.error) + at("1 central signature"));
    EXPECT_EQ(exit, 3);
  }
}

TEST_F(Zip, BothHeadersAgree) {
  const std::string other = "z: error: the record 'm/b' has another size, CRC-32, method or flags "
                            "in its local header than in the central directory" +
                            at("1 local signature");
  for (const char *field :
       {"1 local flags", "1 local method", "1 local crc", "1 local packed", "1 local size"})
    EXPECT_EQ(error(field, 1), other) << field;
  EXPECT_EQ(error("1 local size", 7), "success"); // what the descriptor says as well
  EXPECT_EQ(error("1 central size", 6), "z: error: the record 'm/b' is stored with 7 bytes, "
                                        "expected its size 6" +
                                            at("1 central signature"));
  std::string shorter = patched(with("1 central size", 6), writer.field("1 central packed"), 6);
  EXPECT_EQ(errorOf(shorter), "z: error: the record 'm/b' is followed by 17 bytes, expected a "
                              "descriptor that repeats its size" +
                                  at("1 bytes", 6));
  for (const char *field :
       {"1 descriptor signature", "1 descriptor crc", "1 descriptor packed", "1 descriptor size"})
    EXPECT_EQ(error(field, 1), "z: error: the record 'm/b' is followed by 16 bytes, expected a "
                               "descriptor that repeats its size" +
                                   at("1 descriptor signature"));
  EXPECT_EQ(error("1 local name", 'm' | '/' << 8 | 'c' << 16),
            "z: error: the record 'm/b' is called 'm/c' in its local header" +
                at("1 local signature"));
  EXPECT_EQ(error("1 local signature", 0),
            "z: error: the record 'm/b' has no local header there" + at("1 local signature"));
}

/// Oversized records and bombs: what a record is said to have must be there.
TEST_F(Zip, OversizedRecords) {
  std::string past = "runs into what begins at byte ";
  for (uint64_t size : {uint64_t(6), uint64_t(100), uint64_t(0x7fffffff), uint64_t(0xfffffffe)}) {
    std::string bytes =
        patched(with("0 central size", size), writer.field("0 central packed"), size);
    // A few bytes more end in the descriptor, many in the next record.
    std::string text = errorOf(bytes);
    EXPECT_NE(text, "success");
    if (size > 100)
      EXPECT_EQ(text, "z: error: the record 'm/a' of " + std::to_string(size) + " bytes " + past +
                          std::to_string(writer.field("1 local signature").offset) + " at byte 0");
  }
  for (const char *field : {"0 local name length", "0 local extra length"})
    EXPECT_NE(error(field, 0xffff).find(past), std::string::npos);
  for (const char *field : {"0 central name length", "0 central extra length"})
    EXPECT_EQ(error(field, 0xffff), "z: error: a record is past the end of the central directory" +
                                        at("0 central signature"));
  EXPECT_EQ(error("0 local extra length", 3), // the name's size is right, so these are bytes of it
            "z: error: the record 'm/a' has extra bytes that do not end with their last field at "
            "byte 0");
}

TEST_F(Zip, RecordsTileTheFile) {
  // Both entries name one local header.
  std::string first = "z: error: the record 'm/";
  EXPECT_NE(error("1 central offset", 0).find("the record 'm/"), std::string::npos);
  EXPECT_NE(error("1 central offset", 0), "success");
  EXPECT_EQ(error("0 central offset", 1),
            "z: error: the first record begins at byte 1, expected 0 at byte 0");
  EXPECT_EQ(error("1 central offset", 0xfffffffe),
            first + "a' is not before the central directory at byte 0");
  // Bytes between two records, and a local record that the directory does not list.
  ZipWriter hidden;
  hidden.record("m/a", "hello").record("m/hidden", "x").record("m/b", "y");
  std::string bytes = hidden.finish();
  size_t at = hidden.field("1 central signature").offset;
  size_t next = hidden.field("2 central signature").offset;
  std::string cut = bytes.substr(0, at) + bytes.substr(next);
  uint64_t size = hidden.field("end64 signature").offset -
                  hidden.field("0 central signature").offset - (next - at);
  for (auto [name, value] :
       {std::pair<const char *, uint64_t>{"end64 entries", 2},
        {"end64 entries here", 2},
        {"end entries", 2},
        {"end entries here", 2},
        {"end64 directory size", size},
        {"end directory size", size},
        {"locator offset", hidden.field("end64 signature").offset - (next - at)}}) {
    IntegerField moved = hidden.field(name);
    moved.offset -= next - at;
    cut = patched(cut, moved, value);
  }
  EXPECT_NE(errorOf(cut).find("the record 'm/a' is followed by "), std::string::npos)
      << errorOf(cut);
  // A file in front, as in a self-extracting archive.
  EXPECT_NE(errorOf("#!/bin/sh\n" + good), "success");
}

TEST_F(Zip, Names) {
  for (const char *name :
       {"", "/etc/passwd", "../a", "m/../../a", "m/./a", "m//a", "m/", "..", "m\\a", "C:\\a"})
    EXPECT_NE(errorOf(ZipWriter().record(name, "x"))
                  .find("has a name that is not a relative path inside the archive"),
              std::string::npos)
        << name;
  EXPECT_NE(errorOf(ZipWriter().record(StringRef("m/a\0b", 5), "x")), "success");
  EXPECT_NE(errorOf(ZipWriter().record(std::string(1025, 'a'), "x")), "success");
  EXPECT_EQ(errorOf(ZipWriter().record("m/.data/id", "x")), "success");
  EXPECT_EQ(errorOf(ZipWriter().record("m/a", "x").record("m/b", "y").record("m/a", "z")),
            "z: error: the record 'm/a' is there twice");
}

TEST_F(Zip, CommentsDisksAndExtraFields) {
  EXPECT_EQ(error("0 central comment length", 1),
            "z: error: the record 'm/a' has a comment, which is not allowed" +
                at("0 central signature"));
  EXPECT_EQ(error("0 central disk", 1),
            "z: error: the record 'm/a' is in another file" + at("0 central signature"));
  std::string twice = StringRef("\1\0\4\0abcd\1\0\4\0efgh", 16).str();
  EXPECT_NE(errorOf(ZipWriter().record("m/a", "x", twice)).find("has two ZIP64 fields"),
            std::string::npos);
  EXPECT_EQ(error("0 central offset", 0xffffffff),
            "z: error: the record 'm/a' has a ZIP64 field of 0 bytes, expected 8 for each number "
            "that is 0xffffffff" +
                at("0 central signature"));
  EXPECT_EQ(error("0 central signature", 0),
            "z: error: there is no record in the central directory, expected 2 of them" +
                at("0 central signature"));
}

TEST_F(Zip, EveryTruncationIsAnError) {
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_NE(errorOf(StringRef(good).take_front(length)), "success") << length;
    if (length != 0)
      EXPECT_NE(errorOf(StringRef(good).drop_front(length)), "success") << length;
  }
}
