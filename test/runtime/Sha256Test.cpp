// The vectors of FIPS 180-4 and every way of cutting the input.
#include "runtime/src/Sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string hex(const std::string &text, size_t piece = SIZE_MAX) {
  ingot::Sha256 hash;
  for (size_t at = 0; at < text.size(); at += piece) {
    hash.update(text.data() + at, std::min(piece, text.size() - at));
    if (piece == SIZE_MAX)
      break;
  }
  uint64_t digest[4];
  hash.finish(digest);
  std::string out;
  for (uint64_t word : digest)
    for (int byte = 0; byte < 8; ++byte) {
      char two[3];
      std::snprintf(two, sizeof two, "%02x", unsigned(word >> (8 * byte) & 0xff));
      out += two;
    }
  return out;
}

TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesDoNotMatter) {
  for (size_t length : {1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000}) {
    std::string text(length, 'x');
    for (size_t i = 0; i < length; ++i)
      text[i] = char(i * 7);
    for (size_t piece : {1, 3, 63, 64, 65, 100})
      EXPECT_EQ(hex(text, piece), hex(text)) << length << " in " << piece;
  }
}

} // namespace
