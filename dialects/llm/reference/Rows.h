//===- Rows.h - Activations of the reference ------------------------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_ROWS_H
#define INGOT_DIALECTS_LLM_REFERENCE_ROWS_H

#include <cstdint>
#include <span>
#include <vector>

namespace ingot::reference {

/// tensor<?xNxf32>: one row a token.
struct Rows {
  int64_t rows = 0, cols = 0;
  std::vector<float> data; ///< row after row

  Rows() = default;
  Rows(int64_t rows, int64_t cols) : rows(rows), cols(cols), data(size_t(rows * cols)) {}

  std::span<float> row(int64_t r) { return {data.data() + r * cols, size_t(cols)}; }
  std::span<const float> row(int64_t r) const { return {data.data() + r * cols, size_t(cols)}; }
};

/// !llm.quantized<N, group = G>: the value of a column is scale * q.
struct QuantizedRows {
  int64_t rows = 0, cols = 0;
  int64_t group = 1;        ///< columns that share a scale
  std::vector<int8_t> q;    ///< row after row
  std::vector<float> scale; ///< row after row, one for each group

  QuantizedRows() = default;
  QuantizedRows(int64_t rows, int64_t cols, int64_t group)
      : rows(rows), cols(cols), group(group), q(size_t(rows * cols)),
        scale(size_t(rows * (cols / group))) {}

  /// The value, exact: 24 bits of scale times 7 of q.
  double value(int64_t row, int64_t col) const {
    return double(scale[size_t((row * cols + col) / group)]) * q[size_t(row * cols + col)];
  }
};

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_ROWS_H
