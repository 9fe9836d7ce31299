//===- FormatTest.cpp - Packed layouts and their meaning ------------------===//

#include "codegen/formats/Format.h"
#include "codegen/formats/Half.h"
#include "codegen/formats/Q4.h"
#include "codegen/formats/Q8_0.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

using namespace ingot;

namespace {

const Format &format(std::string_view name) {
  const Format *found = findFormat(name);
  EXPECT_NE(found, nullptr) << name;
  return *found;
}

std::vector<uint8_t> pack(const Format &format, const std::vector<std::vector<uint8_t>> &rows,
                          int64_t cols) {
  std::array<const uint8_t *, kRowBlock> pointers = {};
  for (size_t r = 0; r < rows.size(); ++r)
    pointers[r] = rows[r].data();
  std::vector<uint8_t> packed(format.packedBlockBytes(cols), 0xee);
  format.packRowBlock(pointers, cols, packed.data());
  return packed;
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

TEST(Formats, ListIsSortedAndComplete) {
  std::vector<std::string_view> names;
  for (const Format *f : formats()) {
    names.push_back(f->name());
    EXPECT_EQ(findFormat(f->name()), f);
  }
  EXPECT_EQ(names,
            (std::vector<std::string_view>{"f16", "f32", "q4_0", "q4_1", "q4r", "q8_0", "q8r"}));
  EXPECT_EQ(findFormat("q4_2"), nullptr);
  EXPECT_EQ(findFormat(""), nullptr);
}

TEST(Formats, Sizes) {
  EXPECT_EQ(format("f32").packedBlockBytes(3), 3u * 64);
  EXPECT_EQ(format("f16").packedBlockBytes(3), 3u * 32);
  EXPECT_EQ(format("q4_0").packedBlockBytes(64), 2u * 288);
  EXPECT_EQ(format("q4_1").packedBlockBytes(64), 2u * 320);
  EXPECT_EQ(format("q8_0").packedBlockBytes(64), 2u * 544);
  EXPECT_EQ(format("q4r").packedBlockBytes(64), 2u * 288 + 64);
  EXPECT_EQ(format("q8r").packedBlockBytes(64), 2u * 512 + 64);
  EXPECT_EQ(format("q4_0").sourceRowBytes(64), 36u);
  EXPECT_EQ(format("q4_1").sourceRowBytes(64), 40u);
  EXPECT_EQ(format("q8_0").sourceRowBytes(64), 68u);
  EXPECT_EQ(format("q4r").sourceRowBytes(64), 40u);
  EXPECT_EQ(format("q8r").sourceRowBytes(64), 68u);
  // Half a block of 576 x 1536 fits a cache of 1 MiB: QKV, O, gate and up, down.
  const size_t block = format("q4r").packedBlockBytes(576) * (60 + 36 + 192) +
                       format("q4r").packedBlockBytes(1536) * 36;
  EXPECT_LT(block / 2, size_t(1) << 20);
  EXPECT_EQ(format("q4_0").bitsPerWeight(), 4.5);
  EXPECT_EQ(format("q4_1").bitsPerWeight(), 5.0);
  EXPECT_EQ(format("q8_0").bitsPerWeight(), 8.5);
  EXPECT_EQ(format("f16").bitsPerWeight(), 16.0);
}

//===----------------------------------------------------------------------===//
// Golden bytes: rows 0, 3 and 15 made by hand, the others missing
//===----------------------------------------------------------------------===//

TEST(Formats, GoldenQ4_1) {
  // Row 0: column c holds nibble c % 16; scale 1, minimum -2. Row 1: zeros.
  std::vector<uint8_t> counting = {0x00, 0x3c, 0x00, 0xc0};
  for (int i = 0; i < 16; ++i)
    counting.push_back(uint8_t(i | i << 4));
  const std::vector<uint8_t> zeros(20, 0);
  // Row 2: one outlier, 15 in column 13; scale 0.5, minimum 0.
  std::vector<uint8_t> outlier(20, 0);
  outlier[1] = 0x38;
  outlier[4 + 13] = 0x0f;
  const auto packed = pack(format("q4_1"), {counting, zeros, outlier}, 32);
  ASSERT_EQ(packed.size(), 320u);
  // Vector 0, row 0: columns 0..3 low, 4..7 high; vector 1: 8..11 and 12..15.
  const uint8_t expected[4][4] = {{0x40, 0x51, 0x62, 0x73},
                                  {0xc8, 0xd9, 0xea, 0xfb},
                                  {0x40, 0x51, 0x62, 0x73},
                                  {0xc8, 0xd9, 0xea, 0xfb}};
  for (int v = 0; v < 4; ++v)
    EXPECT_EQ(std::memcmp(&packed[64 * v], expected[v], 4), 0) << "vector " << v;
  // Row 2, column 13: vector 1, high nibble of byte 1.
  EXPECT_EQ(packed[64 + 8 + 1], 0xf0);
  EXPECT_EQ(std::count(packed.begin(), packed.begin() + 256, 0), 256 - 16 - 1);
  EXPECT_EQ(packed[256], 0x00);
  EXPECT_EQ(packed[257], 0x3c);
  EXPECT_EQ(packed[261], 0x38);
  EXPECT_EQ(packed[289], 0xc0);
  EXPECT_EQ(packed[291], 0x00);
}

TEST(Formats, GoldenQ4_0) {
  std::vector<uint8_t> equal = {0x00, 0x3c}; // every nibble 3: -5 each
  equal.resize(18, 0x33);
  const auto packed = pack(format("q4_0"), {equal}, 32);
  ASSERT_EQ(packed.size(), 288u);
  for (int v = 0; v < 4; ++v)
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(packed[64 * v + i], 0x33);
  EXPECT_EQ(packed[257], 0x3c);
  float row[32];
  format("q4_0").unpackRow(packed.data(), 0, 32, row);
  EXPECT_TRUE(std::all_of(row, row + 32, [](float v) { return v == -5.0f; }));
  format("q4_0").unpackRow(packed.data(), 1, 32, row); // a missing row is zero
  EXPECT_TRUE(std::all_of(row, row + 32, [](float v) { return v == 0.0f; }));
}

TEST(Formats, GoldenQ8_0) {
  std::vector<uint8_t> row = {0x00, 0x3c};
  for (int k = 0; k < 32; ++k)
    row.push_back(uint8_t(k == 31 ? -128 : k));
  const auto packed = pack(format("q8_0"), {row}, 32);
  ASSERT_EQ(packed.size(), 544u);
  for (int k = 0; k < 31; ++k)
    EXPECT_EQ(packed[k / 4 * 64 + k % 4], 128 + k);
  EXPECT_EQ(packed[7 * 64 + 3], 0);   // -128
  EXPECT_EQ(packed[7 * 64 + 7], 128); // row 1, missing: value 0
  EXPECT_EQ(packed[513], 0x3c);
}

TEST(Formats, GoldenQ4R) {
  // Scale 2, one group: step 3, zero point 8 sixteenths, column c holds c % 16.
  std::vector<uint8_t> row = {0x00, 0x00, 0x00, 0x40, 3, 8};
  for (int i = 0; i < 16; ++i)
    row.push_back(uint8_t(i | i << 4));
  const auto packed = pack(format("q4r"), {row}, 32);
  ASSERT_EQ(packed.size(), 288u + 64);
  EXPECT_EQ(packed[0], 0x40); // columns 0 and 4
  EXPECT_EQ(packed[64 + 3], 0xfb);
  EXPECT_EQ(packed[256], 3);
  EXPECT_EQ(packed[272], 8);
  EXPECT_EQ(packed[291], 0x40);
  float values[32];
  format("q4r").unpackRow(packed.data(), 0, 32, values);
  for (int c = 0; c < 32; ++c)
    EXPECT_EQ(values[c], 2.0f * 3 * (float(c % 16) - 0.5f));
}

TEST(Formats, GoldenQ8R) {
  std::vector<uint8_t> row = {0x00, 0x00, 0x00, 0x3f}; // 0.5
  for (int k = 0; k < 32; ++k)
    row.push_back(uint8_t(k - 16));
  const auto packed = pack(format("q8r"), {row}, 32);
  ASSERT_EQ(packed.size(), 512u + 64);
  for (int k = 0; k < 32; ++k)
    EXPECT_EQ(packed[k / 4 * 64 + k % 4], 112 + k);
  EXPECT_EQ(packed[4], 128); // row 1, missing: value 0
  EXPECT_EQ(packed[515], 0x3f);
}

//===----------------------------------------------------------------------===//
// The quantiser
//===----------------------------------------------------------------------===//

/// Root of squared error over squared values.
double lossOf(const Format &format, const std::vector<float> &row) {
  const int64_t cols = int64_t(row.size());
  std::vector<uint8_t> source(format.sourceRowBytes(cols));
  std::vector<float> after(row.size());
  format.quantizeRow(row.data(), cols, source.data());
  format.dequantizeRow(source.data(), cols, after.data());
  double missed = 0, squares = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    missed += (double(after[i]) - row[i]) * (double(after[i]) - row[i]);
    squares += double(row[i]) * row[i];
  }
  return squares > 0 ? std::sqrt(missed / squares) : std::sqrt(missed);
}

TEST(Quantizer, ZerosStayZeros) {
  for (const Format *f : formats())
    if (f->quantizes()) {
      EXPECT_EQ(lossOf(*f, std::vector<float>(64, 0.0f)), 0) << f->name();
      EXPECT_EQ(lossOf(*f, std::vector<float>(64, 1e-38f)), 1) << f->name(); // all of it
    }
}

TEST(Quantizer, ConstantsAndOutliersAreKept) {
  for (const Format *f : formats()) {
    if (!f->quantizes())
      continue;
    EXPECT_LT(lossOf(*f, std::vector<float>(96, -0.7f)), 0.01) << f->name();
    EXPECT_LT(lossOf(*f, std::vector<float>(96, 3e37f)), 0.01) << f->name();
    std::vector<float> outlier(96, 0.001f);
    outlier[40] = -1e6f;
    EXPECT_LT(lossOf(*f, outlier), 0.01) << f->name();
  }
}

TEST(Quantizer, Q4RHoldsAGridThatItCanRepresent) {
  std::mt19937 random(4);
  std::vector<float> row(576);
  for (size_t g = 0; g < row.size() / 32; ++g) {
    const float step = 0.001f * float(int(32 + random() % 224));
    for (int i = 0; i < 32; ++i) // both ends of the grid are used
      row[g * 32 + i] = step * (float(i == 0 ? 0 : i == 1 ? 15 : random() % 16) - 7.5f);
  }
  EXPECT_LT(lossOf(format("q4r"), row), 0.005);
}

TEST(Quantizer, Q8RIsMinMax) {
  // Scale 2: the largest becomes 127, ties go to the even value.
  std::vector<float> row(32, 0.0f);
  row[0] = -254;
  row[1] = 3;
  row[2] = 5;
  std::vector<uint8_t> source(36);
  format("q8r").quantizeRow(row.data(), 32, source.data());
  EXPECT_EQ(int8_t(source[4]), -127);
  EXPECT_EQ(int8_t(source[5]), 2); // 1.5
  EXPECT_EQ(int8_t(source[6]), 2); // 2.5
}

TEST(Formats, GoldenFloats) {
  const std::vector<uint8_t> row = {1, 2, 3, 4, 5, 6, 7, 8},
                             other = {9, 10, 11, 12, 13, 14, 15, 16};
  const auto f32 = pack(format("f32"), {row, other}, 2);
  EXPECT_EQ((std::vector<uint8_t>(f32.begin(), f32.begin() + 9)),
            (std::vector<uint8_t>{1, 2, 3, 4, 9, 10, 11, 12, 0}));
  EXPECT_EQ(f32[64], 5);
  EXPECT_EQ(f32[68], 13);
  const auto f16 = pack(format("f16"), {row, other}, 4);
  EXPECT_EQ((std::vector<uint8_t>(f16.begin(), f16.begin() + 5)),
            (std::vector<uint8_t>{1, 2, 9, 10, 0}));
  EXPECT_EQ(f16[32], 3);
}

//===----------------------------------------------------------------------===//
// Round trip: the packed block means what the source rows mean, bit for bit
//===----------------------------------------------------------------------===//

TEST(Formats, PackedRowsMeanTheSourceRows) {
  std::mt19937 random(1);
  for (const Format *f : formats())
    for (int64_t cols : {32, 96, 576})
      for (int present : {16, 5}) {
        std::vector<std::vector<uint8_t>> rows(present);
        for (auto &row : rows)
          for (size_t i = 0; i < f->sourceRowBytes(cols); ++i)
            row.push_back(uint8_t(random())); // NaNs and infinities included
        const auto packed = pack(*f, rows, cols);
        std::vector<float> expected(cols), found(cols);
        for (int r = 0; r < kRowBlock; ++r) {
          std::fill(expected.begin(), expected.end(), 0.0f);
          if (r < present)
            f->dequantizeRow(rows[r].data(), cols, expected.data());
          f->unpackRow(packed.data(), r, cols, found.data());
          EXPECT_EQ(std::memcmp(expected.data(), found.data(), cols * 4), 0)
              << f->name() << " row " << r;
        }
      }
}

TEST(Formats, EveryPackedByteIsWritten) {
  for (const Format *f : formats()) {
    const auto packed = pack(*f, {}, 64); // 0xee before
    EXPECT_EQ(std::count(packed.begin(), packed.end(), 0xee), 0) << f->name();
  }
}

//===----------------------------------------------------------------------===//
// Half.h
//===----------------------------------------------------------------------===//

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = halfToFloat(uint16_t(bits));
    if (std::isnan(value))
      EXPECT_TRUE(std::isnan(halfToFloat(floatToHalf(value))));
    else
      ASSERT_EQ(floatToHalf(value), bits);
    ASSERT_EQ(std::signbit(value), bits >> 15 != 0);
  }
}

TEST(Half, KnownValues) {
  EXPECT_EQ(halfToFloat(0x3c00), 1.0f);
  EXPECT_EQ(halfToFloat(0x0001), 0x1p-24f);
  EXPECT_EQ(halfToFloat(0x7bff), 65504.0f);
  EXPECT_TRUE(std::isinf(halfToFloat(0x7c00)));
}

TEST(Half, RoundsToNearestEven) {
  for (uint16_t bits : {uint16_t(0x0000), uint16_t(0x0007), uint16_t(0x03ff), uint16_t(0x3c00),
                        uint16_t(0x3c01), uint16_t(0x7bfe)}) {
    const float low = halfToFloat(bits), high = halfToFloat(bits + 1);
    const float middle = low + (high - low) / 2;
    EXPECT_EQ(floatToHalf(middle), bits % 2 == 0 ? bits : bits + 1);
    EXPECT_EQ(floatToHalf(std::nextafter(middle, low)), bits);
    EXPECT_EQ(floatToHalf(std::nextafter(middle, high)), bits + 1);
  }
  EXPECT_EQ(floatToHalf(65519.0f), 0x7bff);
  EXPECT_EQ(floatToHalf(65520.0f), 0x7c00);
  EXPECT_EQ(floatToHalf(-65520.0f), 0xfc00);
}

} // namespace
