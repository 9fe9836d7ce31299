//===- Products.cpp - The meaning of the ops with a weight matrix ---------===//

#include "dialects/llm/reference/Products.h"

#include <algorithm>
#include <array>

using namespace ingot::reference;

/// Rows of activations that meet a weight at once. Their sums are independent,
/// which is what lets a compiler keep them in vector registers; within a sum
/// the order stays that of the columns.
static constexpr int64_t kTile = 8;

namespace {
/// Activations as doubles: for each tile of rows, column after column.
struct Tiles {
  int64_t rows, cols;
  std::vector<std::array<double, kTile>> data;

  Tiles(int64_t rows, int64_t cols)
      : rows(rows), cols(cols), data(size_t((rows + kTile - 1) / kTile * cols)) {}

  double &at(int64_t row, int64_t col) {
    return data[size_t(row / kTile * cols + col)][size_t(row % kTile)];
  }
};
} // namespace

static std::array<double, kTile> dot(const std::array<double, kTile> *x, const float *weight,
                                     int64_t cols) {
  std::array<double, kTile> sums{};
  for (int64_t c = 0; c < cols; ++c)
    for (int64_t r = 0; r < kTile; ++r)
      sums[size_t(r)] += double(weight[c]) * x[c][size_t(r)];
  return sums;
}

static Rows product(const Tiles &x, int64_t rows, const ReadRow &weight, const Rows *residual) {
  Rows y(x.rows, rows);
  std::vector<float> weights(size_t(x.cols));
  for (int64_t n = 0; n < rows; ++n) {
    weight(n, weights.data());
    for (int64_t begin = 0; begin < x.rows; begin += kTile) {
      const auto sums = dot(&x.data[size_t(begin / kTile * x.cols)], weights.data(), x.cols);
      for (int64_t r = begin; r < std::min(begin + kTile, x.rows); ++r)
        y.row(r)[n] = float(sums[size_t(r - begin)]) + (residual ? residual->row(r)[n] : 0.0f);
    }
  }
  return y;
}

Rows ingot::reference::linear(const Rows &x, int64_t rows, const ReadRow &weight,
                              const Rows *residual) {
  Tiles tiles(x.rows, x.cols);
  for (int64_t r = 0; r < x.rows; ++r)
    for (int64_t c = 0; c < x.cols; ++c)
      tiles.at(r, c) = x.row(r)[c];
  return product(tiles, rows, weight, residual);
}

Rows ingot::reference::linear(const QuantizedRows &x, int64_t rows, const ReadRow &weight,
                              const Rows *residual) {
  Tiles tiles(x.rows, x.cols);
  for (int64_t r = 0; r < x.rows; ++r)
    for (int64_t c = 0; c < x.cols; ++c)
      tiles.at(r, c) = x.value(r, c);
  return product(tiles, rows, weight, residual);
}

Rows ingot::reference::embedding(std::span<const int32_t> tokens, int64_t cols,
                                 const ReadRow &weight) {
  Rows y(int64_t(tokens.size()), cols);
  for (int64_t r = 0; r < y.rows; ++r)
    weight(tokens[size_t(r)], y.row(r).data());
  return y;
}
