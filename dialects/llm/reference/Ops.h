//===- Ops.h - The meaning of the ops without weights matrices ------------===//
//
// One function an op; docs/spec/llm-dialect.md says the same in words. Inputs
// have the shapes that the verifiers checked. Row r of a step stands at
// position + r.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_OPS_H
#define INGOT_DIALECTS_LLM_REFERENCE_OPS_H

#include "dialects/llm/reference/KvSlot.h"
#include "dialects/llm/reference/Rows.h"

namespace ingot::reference {

/// weight * (x / sqrt(mean(x^2) + eps)): the quotient is rounded to float
/// before the weight multiplies it.
Rows rmsNorm(const Rows &x, std::span<const float> weight, double eps);

enum class RopePairs { Half, Interleaved };

/// Rotates pair i of every head by position * theta^(-2 i / headDim). The
/// frequency, the angle, its sine and its cosine are each rounded to float.
Rows rope(const Rows &x, int64_t position, int64_t headDim, double theta, RopePairs pairs);

struct AttentionShape {
  int64_t heads, kvHeads, headDim;
  double scale;
};

/// Stores the rows of k and v in the slot, then lets each row of q attend to
/// every position up to its own.
Rows attention(const Rows &q, const Rows &k, const Rows &v, KvSlot &slot, int64_t position,
               const AttentionShape &shape);

/// gate / (1 + exp(-gate)) * up.
Rows swiglu(const Rows &gate, const Rows &up);

/// The same from columns that come in turns of `group` of gate and of up.
Rows swigluInterleaved(const Rows &x, int64_t cols, int64_t group);

Rows add(const Rows &x, const Rows &y);

/// Columns [begin, begin + cols).
Rows slice(const Rows &x, int64_t begin, int64_t cols);

/// For each group: scale = max|x| / 127 and q = x * (1 / scale), rounded to the
/// nearest integer, ties to even; a group below 2^-100 becomes zero. `group`
/// divides the columns.
QuantizedRows quantize(const Rows &x, int64_t group);

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_OPS_H
