#include "compiler/import/Checked.h"

#include <gtest/gtest.h>

using Number = ingot::Checked<uint64_t>;

static constexpr uint64_t most = UINT64_MAX;
static constexpr uint64_t one = 1, two = 2;

TEST(Checked, OverflowSticks) {
  EXPECT_EQ((Number(most) + Number(one)).value(), std::nullopt);
  EXPECT_EQ((Number(one) - Number(two)).value(), std::nullopt);
  EXPECT_EQ((Number(most) * Number(two)).value(), std::nullopt);
  // The bug this type is for: a wrapped sum that is small again.
  Number wrapped = (Number(most) + Number(two)) * Number(uint64_t(0));
  EXPECT_FALSE(wrapped.valid());
  EXPECT_FALSE((wrapped + Number(one)).valid());
  EXPECT_FALSE((Number(one) - wrapped).valid());
}

TEST(Checked, ExactAtTheBoundary) {
  EXPECT_EQ((Number(most - 1) + Number(one)).value(), most);
  EXPECT_EQ((Number(uint64_t(1) << 32) * Number((uint64_t(1) << 32) - 1)).value(),
            most - 0xffffffffu);
  EXPECT_EQ(Number(uint64_t(7)).atMost(7), 7u);
  EXPECT_EQ(Number(uint64_t(8)).atMost(7), std::nullopt);
}

TEST(Checked, DivisionIsExactOrNothing) {
  EXPECT_EQ(Number(uint64_t(64)).dividedExactlyBy(uint64_t(32)).value(), 2u);
  EXPECT_FALSE(Number(uint64_t(65)).dividedExactlyBy(uint64_t(32)).valid());
  EXPECT_FALSE(Number(uint64_t(65)).dividedExactlyBy(uint64_t(0)).valid());
}

TEST(Checked, PaddingThatWrapsIsInvalid) {
  EXPECT_EQ(Number(uint64_t(33)).alignedTo(uint64_t(32)).value(), 64u);
  EXPECT_EQ(Number(uint64_t(64)).alignedTo(uint64_t(32)).value(), 64u);
  EXPECT_FALSE(Number(most - 5).alignedTo(uint64_t(32)).valid());
}
