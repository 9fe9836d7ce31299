//===- FormatDump.cpp - Source rows in, floats out ------------------------===//
//
// Usage: format-dump FORMAT COLS < rows > floats. For formats_gguf.py. Every
// row goes through its packed form, so both directions are under test.
// With a third word, `quantize`, rows of floats come in and are quantised first.
//
//===----------------------------------------------------------------------===//

#include "codegen/formats/Format.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace ingot;

int main(int argc, char **argv) {
  const Format *format = argc == 3 || argc == 4 ? findFormat(argv[1]) : nullptr;
  if (!format)
    return 2;
  const int64_t cols = std::atoll(argv[2]);
  std::vector<uint8_t> row(format->sourceRowBytes(cols)), packed(format->packedBlockBytes(cols));
  std::vector<float> values(cols);
  const bool quantize = argc == 4;
  auto readRow = [&] {
    if (!quantize)
      return std::fread(row.data(), 1, row.size(), stdin) == row.size();
    if (std::fread(values.data(), 4, values.size(), stdin) != values.size())
      return false;
    format->quantizeRow(values.data(), cols, row.data());
    return true;
  };
  while (readRow()) {
    std::array<const uint8_t *, kRowBlock> rows = {};
    rows[7] = row.data();
    format->packRowBlock(rows, cols, packed.data());
    format->unpackRow(packed.data(), 7, cols, values.data());
    if (std::fwrite(values.data(), 4, values.size(), stdout) != values.size())
      return 1;
  }
}
