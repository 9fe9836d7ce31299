//===- Products.h - The meaning of the ops with a weight matrix -----------===//
//
// Every product and sum is a double, the columns in order, rounded to float
// once at the end: the real number to within that rounding. A kernel that
// takes integer products of a group, or another order, approaches the same
// number. A row of weights is read once and meets all rows of activations, so
// a quantised matrix is never held as floats.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_PRODUCTS_H
#define INGOT_DIALECTS_LLM_REFERENCE_PRODUCTS_H

#include "dialects/llm/reference/Rows.h"

#include <functional>

namespace ingot::reference {

/// Writes the floats of row `row` of a weight.
using ReadRow = std::function<void(int64_t row, float *out)>;

/// W x, W of `rows` rows; plus the residual where there is one, after the
/// product was rounded.
Rows linear(const Rows &x, int64_t rows, const ReadRow &weight, const Rows *residual = nullptr);
Rows linear(const QuantizedRows &x, int64_t rows, const ReadRow &weight,
            const Rows *residual = nullptr);

/// Row `token` of the weight for each token, all of them below its rows.
Rows embedding(std::span<const int32_t> tokens, int64_t cols, const ReadRow &weight);

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_PRODUCTS_H
