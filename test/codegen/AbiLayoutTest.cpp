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

} // namespace
