//===- KvSlot.cpp - The KV cache of one run, in the reference -------------===//

#include "dialects/llm/reference/KvSlot.h"

#include "codegen/formats/Half.h"

#include <algorithm>
#include <cmath>

using namespace ingot;
using namespace ingot::reference;

static constexpr float kLargestHalf = 65504;

static float throughHalf(float value) {
  return halfToFloat(floatToHalf(std::clamp(value, -kLargestHalf, kLargestHalf)));
}

static float largestOf(const float *from, int64_t count) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i)
    largest = std::max(largest, std::abs(from[i]));
  return largest;
}

static void throughBytes(const float *from, int64_t count, float scale, float *to) {
  const float inverse = scale > 0 ? 1 / scale : 0;
  for (int64_t i = 0; i < count; ++i)
    to[i] = scale * std::nearbyint(std::clamp(from[i] * inverse, -127.0f, 127.0f));
}

void KvSlot::round(std::span<const float> from, float *to) const {
  switch (kind) {
  case KvKind::F32:
    std::ranges::copy(from, to);
    return;
  case KvKind::F16:
    std::ranges::transform(from, to, throughHalf);
    return;
  case KvKind::Q8:
    const int64_t unit = kvUnit(kind, headDim);
    for (int64_t i = 0; i < int64_t(from.size()); i += unit)
      throughBytes(from.data() + i, unit, throughHalf(largestOf(from.data() + i, unit) / 127),
                   to + i);
  }
}

std::vector<float> KvSlot::query(std::span<const float> q) const {
  std::vector<float> rounded(q.begin(), q.end());
  if (kind != KvKind::Q8)
    return rounded;
  const int64_t unit = kvUnit(kind, headDim);
  for (int64_t i = 0; i < int64_t(q.size()); i += unit) {
    const float largest = largestOf(q.data() + i, unit);
    throughBytes(q.data() + i, unit, largest >= 0x1p-100f ? largest / 127 : 0, rounded.data() + i);
  }
  return rounded;
}

void KvSlot::store(int64_t position, std::span<const float> key, std::span<const float> value) {
  const size_t at = size_t(position * kvHeads * headDim), end = at + key.size();
  keys.resize(std::max(keys.size(), end));
  values.resize(std::max(values.size(), end));
  round(key, keys.data() + at);
  round(value, values.data() + at);
}
