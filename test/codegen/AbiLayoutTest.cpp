//===- AbiLayoutTest.cpp - The treaty's buffers are Halide's --------------===//

#include "ingot/abi.h"

#include <HalideRuntime.h>
#include <gtest/gtest.h>

#include <cstddef>

namespace {

// Same size, and every field at the same place with the same type.
#define SAME_FIELD(OURS, OUR_FIELD, THEIRS, THEIR_FIELD)                                           \
  static_assert(offsetof(OURS, OUR_FIELD) == offsetof(THEIRS, THEIR_FIELD) &&                      \
                sizeof(OURS::OUR_FIELD) == sizeof(THEIRS::THEIR_FIELD))

static_assert(sizeof(ingot_buffer) == sizeof(halide_buffer_t));
SAME_FIELD(ingot_buffer, device, halide_buffer_t, device);
SAME_FIELD(ingot_buffer, device_interface, halide_buffer_t, device_interface);
SAME_FIELD(ingot_buffer, host, halide_buffer_t, host);
SAME_FIELD(ingot_buffer, flags, halide_buffer_t, flags);
SAME_FIELD(ingot_buffer, dimensions, halide_buffer_t, dimensions);
SAME_FIELD(ingot_buffer, dim, halide_buffer_t, dim);
SAME_FIELD(ingot_buffer, padding, halide_buffer_t, padding);

static_assert(offsetof(ingot_buffer, type_code) == offsetof(halide_buffer_t, type));

// Type and size of `type` are one struct there and three members here.
TEST(AbiLayout, AViewPointsAtTheFirstElement) {
  float values[7];
  ingot_buffer ours = ingot_view(values);
  ours.type_code = halide_type_float;
  ours.type_bits = 32;
  ours.type_lanes = 1;
  const auto &theirs = reinterpret_cast<const halide_buffer_t &>(ours);
  EXPECT_EQ(theirs.host, reinterpret_cast<uint8_t *>(values));
  EXPECT_EQ(theirs.type.code, halide_type_float);
  EXPECT_EQ(theirs.type.bits, 32);
  EXPECT_EQ(theirs.type.lanes, 1);
}

// What threads take covers every item once, whoever asks for which part.
TEST(Parts, CoverEveryItemOnce) {
  for (uint32_t threads : {1u, 2u, 3u, 8u, 256u})
    for (int32_t items : {0, 1, 2, 3, 7, 96, 1000, 46341}) {
      int32_t next = 0;
      uint32_t part = 0;
      for (; next < items; ++part) {
        const ingot_range range = ingot_part(items, part, threads);
        ASSERT_EQ(range.begin, next) << items << " items, part " << part << " of " << threads;
        ASSERT_GT(range.end, range.begin);
        next = range.end;
      }
      ASSERT_EQ(next, items);
      for (uint32_t after : {part, part + 1, part + threads, ~0u}) {
        const ingot_range range = ingot_part(items, after, threads);
        ASSERT_EQ(range.begin, items);
        ASSERT_EQ(range.end, items);
      }
    }
}

TEST(Parts, AreFewAndEndSmall) {
  uint32_t parts = 0;
  for (int32_t next = 0; next < 96; ++parts)
    next = ingot_part(96, parts, 2).end;
  EXPECT_LE(parts, 16u);
  EXPECT_EQ(ingot_part(96, parts - 1, 2).end - ingot_part(96, parts - 1, 2).begin, 1);
  EXPECT_EQ(ingot_part(96, 0, 1).end, 96); // nobody to take them from
}

} // namespace
