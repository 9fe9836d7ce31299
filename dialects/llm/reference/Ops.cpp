//===- Ops.cpp - The meaning of the ops without weight matrices -----------===//

#include "dialects/llm/reference/Ops.h"

#include <algorithm>
#include <cmath>

using namespace ingot::reference;

Rows ingot::reference::rmsNorm(const Rows &x, std::span<const float> weight, double eps) {
  Rows y(x.rows, x.cols);
  for (int64_t r = 0; r < x.rows; ++r) {
    double squares = 0;
    for (float value : x.row(r))
      squares += double(value) * value;
    const float inverse = float(1 / std::sqrt(squares / double(x.cols) + eps));
    for (int64_t c = 0; c < x.cols; ++c)
      y.row(r)[c] = x.row(r)[c] * inverse * weight[c];
  }
  return y;
}

Rows ingot::reference::rope(const Rows &x, int64_t position, int64_t headDim, double theta,
                            RopePairs pairs) {
  Rows y(x.rows, x.cols);
  for (int64_t r = 0; r < x.rows; ++r)
    for (int64_t head = 0; head < x.cols; head += headDim)
      for (int64_t i = 0; i < headDim / 2; ++i) {
        const float frequency = float(std::pow(theta, -2.0 * double(i) / double(headDim)));
        const float angle = float(position + r) * frequency;
        const float cosine = float(std::cos(double(angle))), sine = float(std::sin(double(angle)));
        const bool half = pairs == RopePairs::Half;
        const int64_t first = head + (half ? i : 2 * i);
        const int64_t second = first + (half ? headDim / 2 : 1);
        const float a = x.row(r)[first], b = x.row(r)[second];
        y.row(r)[first] = a * cosine - b * sine;
        y.row(r)[second] = b * cosine + a * sine;
      }
  return y;
}

/// One query head at one position: softmax(q k^T * scale) v over [0, last].
static void attend(std::span<const float> query, const KvSlot &slot, int64_t kvHead, int64_t last,
                   double scale, std::span<float> out) {
  const std::vector<float> q = slot.query(query);
  std::vector<double> weights(size_t(last + 1));
  double largest = -INFINITY, total = 0;
  for (int64_t p = 0; p <= last; ++p) {
    double dot = 0;
    for (size_t d = 0; d < q.size(); ++d)
      dot += double(q[d]) * slot.key(p, kvHead)[d];
    weights[p] = dot * scale;
    largest = std::max(largest, weights[p]);
  }
  std::vector<double> sums(q.size());
  for (int64_t p = 0; p <= last; ++p) {
    const double weight = std::exp(weights[p] - largest);
    total += weight;
    for (size_t d = 0; d < q.size(); ++d)
      sums[d] += weight * slot.value(p, kvHead)[d];
  }
  for (size_t d = 0; d < q.size(); ++d)
    out[d] = float(sums[d] / total);
}

Rows ingot::reference::attention(const Rows &q, const Rows &k, const Rows &v, KvSlot &slot,
                                 int64_t position, const AttentionShape &shape) {
  for (int64_t r = 0; r < k.rows; ++r)
    slot.store(position + r, k.row(r), v.row(r));
  Rows y(q.rows, q.cols);
  for (int64_t r = 0; r < q.rows; ++r)
    for (int64_t head = 0; head < shape.heads; ++head) {
      const size_t begin = size_t(head * shape.headDim), dims = size_t(shape.headDim);
      attend(q.row(r).subspan(begin, dims), slot, head * shape.kvHeads / shape.heads, position + r,
             shape.scale, y.row(r).subspan(begin, dims));
    }
  return y;
}

static float silu(float x) { return float(double(x) / (1 + std::exp(-double(x)))); }

Rows ingot::reference::swiglu(const Rows &gate, const Rows &up) {
  Rows y(gate.rows, gate.cols);
  for (size_t i = 0; i < y.data.size(); ++i)
    y.data[i] = silu(gate.data[i]) * up.data[i];
  return y;
}

Rows ingot::reference::swigluInterleaved(const Rows &x, int64_t cols, int64_t group) {
  Rows y(x.rows, cols);
  for (int64_t r = 0; r < x.rows; ++r)
    for (int64_t c = 0; c < cols; ++c) {
      const int64_t gate = c / group * (2 * group) + c % group;
      y.row(r)[c] = silu(x.row(r)[gate]) * x.row(r)[gate + group];
    }
  return y;
}

Rows ingot::reference::add(const Rows &x, const Rows &y) {
  Rows sum(x.rows, x.cols);
  for (size_t i = 0; i < sum.data.size(); ++i)
    sum.data[i] = x.data[i] + y.data[i];
  return sum;
}

Rows ingot::reference::slice(const Rows &x, int64_t begin, int64_t cols) {
  Rows y(x.rows, cols);
  for (int64_t r = 0; r < x.rows; ++r)
    std::ranges::copy(x.row(r).subspan(size_t(begin), size_t(cols)), y.row(r).begin());
  return y;
}

QuantizedRows ingot::reference::quantize(const Rows &x, int64_t group) {
  QuantizedRows y(x.rows, x.cols, group);
  for (size_t g = 0; g < y.scale.size(); ++g) {
    const float *values = x.data.data() + g * size_t(group);
    float largest = 0;
    for (int64_t i = 0; i < group; ++i)
      largest = std::max(largest, std::abs(values[i]));
    const float scale = largest >= 0x1p-100f ? largest / 127 : 0;
    const float inverse = scale > 0 ? 1 / scale : 0;
    y.scale[g] = scale;
    for (int64_t i = 0; i < group; ++i)
      y.q[g * size_t(group) + size_t(i)] = int8_t(std::nearbyint(values[i] * inverse));
  }
  return y;
}
