//===- Tiles.cpp - The tile registers of AMX, in memory -------------------===//

#include "test/kernels/x86/Tiles.h"

#include <cstring>

using namespace ingot::test;

/// Where things lie in the 64 bytes that ldtilecfg reads.
static constexpr int kStartRow = 1, kReserved = 2, kRowBytesAt = 16, kRowsAt = 48;

bool Tiles::configure(const uint8_t *config) {
  *this = {};
  if (config[0] == 0)
    return true; // as tilerelease
  if (config[0] != 1 || config[kStartRow] != 0)
    return false;
  for (int i = kReserved; i < kRowBytesAt; ++i)
    if (config[i] != 0)
      return false;
  for (int i = 0; i < kTiles; ++i) {
    uint16_t rowBytes;
    std::memcpy(&rowBytes, config + kRowBytesAt + 2 * i, sizeof rowBytes);
    const uint8_t rows = config[kRowsAt + i];
    if (rows > kRows || rowBytes > kRowBytes || (rows == 0) != (rowBytes == 0))
      return false;
    tiles[i].rows = rows;
    tiles[i].rowBytes = rowBytes;
  }
  for (int i = 0; i < 16; ++i) // of the tiles that there are not
    if (config[kRowBytesAt + 16 + i] != 0 || (i < 8 && config[kRowsAt + 8 + i] != 0))
      return false;
  palette = 1;
  return true;
}

bool Tiles::load(Tile &tile, const Instruction &one) {
  if (tile.rows == 0)
    return false;
  std::memset(tile.at, 0, sizeof tile.at);
  for (unsigned row = 0; row < tile.rows; ++row)
    std::memcpy(tile.at[row], reinterpret_cast<const void *>(one.address + row * one.rowStride),
                tile.rowBytes);
  return true;
}

bool Tiles::store(const Tile &tile, const Instruction &one) const {
  if (tile.rows == 0)
    return false;
  for (unsigned row = 0; row < tile.rows; ++row)
    std::memcpy(reinterpret_cast<void *>(one.address + row * one.rowStride), tile.at[row],
                tile.rowBytes);
  return true;
}

static int32_t widened(uint8_t byte, bool isSigned) { return isSigned ? int8_t(byte) : byte; }

// Row m of the sums takes row m of A; its integer n takes quad n of every row of
// B, so that row k of B meets quad k of A's row.
bool Tiles::multiply(const Instruction &one) {
  Tile &sums = tiles[one.a];
  const Tile &a = tiles[one.b], &b = tiles[one.c];
  if (one.a == one.b || one.a == one.c || one.b == one.c || sums.rows == 0 || a.rows == 0 ||
      b.rows == 0 || sums.rows != a.rows || sums.rowBytes != b.rowBytes ||
      a.rowBytes != 4 * b.rows || sums.rowBytes % 4 != 0)
    return false;
  for (unsigned m = 0; m < sums.rows; ++m)
    for (unsigned n = 0; n < sums.rowBytes / 4; ++n) {
      uint32_t sum; // wraps
      std::memcpy(&sum, sums.at[m] + 4 * n, sizeof sum);
      for (unsigned k = 0; k < a.rowBytes; ++k)
        sum += uint32_t(widened(a.at[m][k], one.signedA) *
                        widened(b.at[k / 4][4 * n + k % 4], one.signedB));
      std::memcpy(sums.at[m] + 4 * n, &sum, sizeof sum);
    }
  return true;
}

bool Tiles::execute(const Instruction &one) {
  if (one.operation == Operation::LoadConfig)
    return configure(reinterpret_cast<const uint8_t *>(one.address));
  if (one.operation == Operation::Release) {
    *this = {};
    return true;
  }
  if (!configured() || one.a >= kTiles || one.b >= (one.memory ? 16u : kTiles))
    return false;
  switch (one.operation) {
  case Operation::Zero:
    std::memset(tiles[one.a].at, 0, sizeof tiles[one.a].at);
    return tiles[one.a].rows != 0;
  case Operation::LoadTile:
    return load(tiles[one.a], one);
  case Operation::StoreTile:
    return store(tiles[one.a], one);
  case Operation::MultiplyTiles:
    return multiply(one);
  default:
    return false;
  }
}
