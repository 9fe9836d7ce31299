//===- BoundaryTest.cpp - Boundary numbers in every integer field ---------===//
//
// Size arithmetic is not broken by random bytes but by the numbers next to a
// power of two, and often by two of them at once: every pair of fields gets
// every pair of numbers.
//
//===----------------------------------------------------------------------===//

#include "compiler/import/ZipArchive.h"

#include "test/compiler/import/Hostile.h"
#include "test/compiler/import/TestFiles.h"
#include "test/compiler/import/TorchFiles.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

using namespace ingot;
using namespace ingot::test;

static constexpr uint64_t boundaries[] = {0,
                                          1,
                                          0x7fffffff,
                                          0x80000000,
                                          0xffffffff,
                                          0x100000000,
                                          0x7fffffffffffffff,
                                          0x8000000000000000,
                                          0xffffffffffffffff};

/// Two keys (one an array) and two tensors: every kind of field once or twice.
static GgufWriter smallGguf() {
  GgufWriter writer;
  writer.u32("general.alignment", 32).strings("list", {"a", "b"});
  writer.tensor("q", {32, 2}, 2, std::string(36, 'x'));
  writer.tensor("f", {4}, 0, std::string(16, 'y'));
  return writer;
}

static void patch(std::string &bytes, const IntegerField &field, uint64_t value) {
  for (size_t i = 0; i < field.width; ++i)
    bytes[field.offset + i] = char(value >> (8 * i));
}

TEST(Boundary, GgufPairs) {
  GgufWriter writer = smallGguf();
  const std::string good = writer.finish();
  const std::vector<IntegerField> &fields = writer.fields();
  ASSERT_EQ(fields.size(), 22u);
  size_t files = 0;
  for (size_t a = 0; a < fields.size(); ++a)
    for (size_t b = a + 1; b < fields.size(); ++b)
      for (uint64_t first : boundaries)
        for (uint64_t second : boundaries) {
          if ((fields[a].width == 4 && first > UINT32_MAX) ||
              (fields[b].width == 4 && second > UINT32_MAX))
            continue; // the truncated number is in the set already
          std::string bytes = good;
          patch(bytes, fields[a], first);
          patch(bytes, fields[b], second);
          readHostile(Kind::Gguf, bytes);
          ++files;
        }
  EXPECT_GT(files, 10000u);
}

/// Alone, a number of 2^31 or more is wrong wherever it stands in a small file.
TEST(Boundary, GgufLargeNumbersAreRefused) {
  GgufWriter writer = tinyGguf();
  const std::string good = writer.finish();
  ASSERT_TRUE(readHostile(Kind::Gguf, good));
  for (const IntegerField &field : writer.fields())
    for (uint64_t value : boundaries) {
      if (value < 0x7fffffff || (field.width == 4 && value > UINT32_MAX))
        continue;
      std::string bytes = good;
      patch(bytes, field, value);
      EXPECT_FALSE(readHostile(Kind::Gguf, bytes)) << field.name << " = " << value;
    }
}

TEST(Boundary, SafetensorsPairs) {
  // Two tensors; the six numbers of each, and the length of the header.
  auto write = [](const std::vector<std::string> &n, std::optional<uint64_t> length) {
    std::string bytes = safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[" + n[0] + "," + n[1] +
                                        "],\"data_offsets\":[" + n[2] + "," + n[3] +
                                        "]},\"b\":{\"dtype\":\"F16\",\"shape\":[" + n[4] + "," +
                                        n[5] + "],\"data_offsets\":[" + n[6] + "," + n[7] + "]}}",
                                    std::string(32, '\0'));
    if (length)
      patch(bytes, {"length", 0, 8}, *length);
    return bytes;
  };
  const std::vector<std::string> good = {"2", "3", "0", "24", "2", "2", "24", "32"};
  for (size_t a = 0; a < good.size(); ++a)
    for (size_t b = a + 1; b <= good.size(); ++b)
      for (uint64_t first : boundaries)
        for (uint64_t second : boundaries) {
          std::vector<std::string> numbers = good;
          numbers[a] = std::to_string(first);
          if (b < good.size())
            numbers[b] = std::to_string(second);
          readHostile(
              Kind::Safetensors,
              write(numbers, b < good.size() ? std::nullopt : std::optional<uint64_t>(second)));
        }
}

/// Alone, a changed number is wrong in every place of the header.
TEST(Boundary, SafetensorsChangedNumbersAreRefused) {
  const std::string good = tinySafetensors();
  ASSERT_TRUE(readHostile(Kind::Safetensors, good));
  for (const char *number : {"[10,64]", "[0,2560]", "[96,64]"})
    for (uint64_t value : boundaries) {
      std::string text = std::to_string(value);
      std::string first = replaced(number, "[", "[" + text + ",");
      std::string bytes = replaced(good, number, first);
      patch(bytes, {"length", 0, 8}, bytes.find("}}", 8) + 2 - 8);
      EXPECT_FALSE(readHostile(Kind::Safetensors, bytes)) << first;
    }
}

/// Two records: every number of both headers, the descriptors and the ends.
TEST(Boundary, ZipPairs) {
  PickleWriter pickle;
  pickle.raw("}").put().raw("(").text("w").tensor("HalfStorage", "0", 6, 0, {6}, {1}).raw("u");
  ZipWriter writer;
  writer.record("m/data.pkl", pickle.finish()).record("m/data/0", "aabbccddeeff");
  const std::string good = writer.finish();
  const std::vector<IntegerField> &fields = writer.fields();
  size_t files = 0;
  for (size_t a = 0; a < fields.size(); ++a)
    for (size_t b = a + 1; b < fields.size(); ++b)
      for (uint64_t first : boundaries)
        for (uint64_t second : boundaries) {
          auto fits = [](const IntegerField &field, uint64_t value) {
            return field.width <= 8 && (field.width == 8 || value >> (8 * field.width) == 0);
          };
          if (!fits(fields[a], first) || !fits(fields[b], second))
            continue;
          std::string bytes = good;
          patch(bytes, fields[a], first);
          patch(bytes, fields[b], second);
          // Without a file, for these are forty thousand.
          if (auto records = readZipArchive("z", llvm::arrayRefFromStringRef(bytes)))
            for (const ZipRecord &record : *records)
              EXPECT_LE(record.bytes.size(), bytes.size());
          else
            llvm::consumeError(records.takeError());
          ++files;
        }
  EXPECT_GT(files, 40000u);
}

/// The numbers that a pickle says of a tensor, in every pair.
TEST(Boundary, PickledNumbers) {
  for (size_t a = 0; a < 6; ++a)
    for (size_t b = a + 1; b < 6; ++b)
      for (uint64_t first : boundaries)
        for (uint64_t second : boundaries) {
          int64_t n[] = {6, 0, 2, 3, 3, 1};
          n[a] = int64_t(first);
          n[b] = int64_t(second);
          PickleWriter pickle;
          pickle.raw("}").put().raw("(").text("w");
          pickle.tensor("HalfStorage", "0", n[0], n[1], {n[2], n[3]}, {n[4], n[5]}).raw("u");
          ZipWriter writer;
          writer.record("m/data.pkl", pickle.finish()).record("m/data/0", "aabbccddeeff");
          readHostile(Kind::Torch, writer.record("m/version", "3").finish());
        }
}
