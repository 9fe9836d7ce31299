//===- QuantizeQ4R.cpp - Choosing steps and zero points -------------------===//
//
// A group's values x are to be close to d * (n - z), n = 0..15. For a given
// rounding n(x), the best d and m = -d z follow from two linear equations
// (weighted least squares). The search tries several roundings, which are those
// of a step somewhat smaller or larger than (max - min) / 15: clipping one
// outlier a little often buys a finer grid for all others.
//
// The row's scale is then the largest step over 255. A step in whole units of it
// is tried rounded down, to the nearest and up, each with its own best zero
// point; so a group whose step is small beside the row's largest loses little.
//
// Tried and lost (normal and heavy-tailed rows of 576, SmolLM2's tensors):
// more than 9 candidates (error -0.2 %, twice the time); squared weights
// x^2 (worse for the other 31 of a group with an outlier).
//
//===----------------------------------------------------------------------===//

#include "codegen/formats/Q4R.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

using namespace ingot;

namespace {

constexpr int kColumns = int(kQ4RColumns);
constexpr float kLargestNibble = 15, kLargestByte = 255;
/// Rows, and groups in units of their row, below this are zero: 1 / step would
/// leave the floats.
constexpr float kSmallest = 0x1p-100f;

/// To the nearest integer, ties to even, for |value| < 2^22. The addition
/// rounds; written so, loops over it become vectors.
inline float nearest(float value) {
  constexpr float shift = 0x1.8p23f;
  return (value + shift) - shift;
}

struct Group {
  std::array<float, kColumns> x, weight;
  float step = 0; ///< before it is counted in units of the row's scale
};

/// Sums run in this many lanes, which a compiler may keep in one register.
constexpr int kLanes = 8;
using Lanes = std::array<float, kLanes>;

float total(const Lanes &lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

/// The nibble of x, as a float.
inline float nibble(float x, float inverse, float zero) {
  const float n = nearest(x * inverse + zero);
  const float above = n > 0 ? n : 0;
  return above < kLargestNibble ? above : kLargestNibble;
}

/// The weighted squared error of x = step * (n - zero), n rounded and bounded.
float errorOf(const Group &group, float step, float zero) {
  const float inverse = 1 / step;
  Lanes error = {};
  for (int i = 0; i < kColumns; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) {
      const float x = group.x[i + lane];
      const float miss = step * (nibble(x, inverse, zero) - zero) - x;
      error[lane] += group.weight[i + lane] * miss * miss;
    }
  return total(error);
}

/// Weighted sums over a group of which least squares are made.
struct Moments {
  float w, x, n, nn, xn;
};

Moments momentsOf(const Group &group, float inverse, float zero) {
  Lanes w = {}, x = {}, n = {}, nn = {}, xn = {};
  for (int i = 0; i < kColumns; i += kLanes)
    for (int lane = 0; lane < kLanes; ++lane) {
      const float value = group.x[i + lane], weight = group.weight[i + lane];
      const float stored = nibble(value, inverse, zero);
      w[lane] += weight;
      x[lane] += weight * value;
      n[lane] += weight * stored;
      nn[lane] += weight * stored * stored;
      xn[lane] += weight * value * stored;
    }
  return {total(w), total(x), total(n), total(nn), total(xn)};
}

void weigh(Group &group) {
  float squares = 0;
  for (float x : group.x)
    squares += x * x;
  const float rms = std::sqrt(squares / kColumns);
  for (int i = 0; i < kColumns; ++i)
    group.weight[i] = rms + std::fabs(group.x[i]);
}

/// The step of least error over all roundings tried, its zero point free.
float bestStep(const Group &group) {
  const auto [low, high] = std::minmax_element(group.x.begin(), group.x.end());
  // Zero stays representable: zero points are not negative.
  const float least = std::min(*low, 0.0f), most = std::max(*high, 0.0f);
  if (most - least < kSmallest)
    return 0;
  float best = 0, bestError = std::numeric_limits<float>::infinity();
  for (int candidate = -4; candidate <= 4; ++candidate) {
    const float inverse = (kLargestNibble + 0.25f * float(candidate)) / (most - least);
    const Moments sums = momentsOf(group, inverse, -least * inverse);
    const float determinant = sums.w * sums.nn - sums.n * sums.n;
    float step = 1 / inverse, minimum = least;
    if (determinant > 0) {
      const float fitted = (sums.w * sums.xn - sums.x * sums.n) / determinant;
      if (fitted > 0) {
        step = fitted;
        minimum = std::min(0.0f, (sums.x - step * sums.n) / sums.w);
      }
    }
    const float error = errorOf(group, step, -minimum / step);
    if (error < bestError) {
      bestError = error;
      best = step;
    }
  }
  return best;
}

/// The zero point, in sixteenths, that fits a given step, by fixed-point
/// iteration between rounding and the mean of what it leaves.
int bestZero(const Group &group, float step) {
  const float inverse = 1 / step;
  float zero = -std::min(*std::min_element(group.x.begin(), group.x.end()), 0.0f) * inverse;
  int best = 0;
  float bestError = std::numeric_limits<float>::infinity();
  for (int round = 0; round < 3; ++round) {
    const int code = int(std::clamp(nearest(zero * kZeroSteps), 0.0f, kLargestByte));
    const float error = errorOf(group, step, float(code) / kZeroSteps);
    if (error >= bestError)
      break;
    bestError = error;
    best = code;
    const Moments sums = momentsOf(group, inverse, zero);
    zero = std::max(0.0f, (sums.n - sums.x * inverse) / sums.w);
  }
  return best;
}

void quantizeGroup(const Group &group, float scale, Q4RSource &out) {
  out = {};
  if (group.step == 0)
    return; // step 0: every value is zero
  const int middle = int(nearest(group.step / scale));
  float bestError = std::numeric_limits<float>::infinity();
  for (int code = std::max(1, middle - 1); code <= std::min(255, middle + 1); ++code) {
    const float step = scale * float(code);
    const int zero = bestZero(group, step);
    const float error = errorOf(group, step, float(zero) / kZeroSteps);
    if (error < bestError) {
      bestError = error;
      out.step = uint8_t(code);
      out.zero = uint8_t(zero);
    }
  }
  const float inverse = 1 / (scale * float(out.step)), zero = float(out.zero) / kZeroSteps;
  for (int i = 0; i < kColumns; ++i) {
    const int n = int(nibble(group.x[i], inverse, zero));
    out.values[i % 16] |= uint8_t(i < 16 ? n : n << 4);
  }
}

} // namespace

void ingot::quantizeQ4R(const float *values, int64_t cols, float &scale, Q4RSource *blocks) {
  float most = 0;
  for (int64_t k = 0; k < cols; ++k)
    most = std::max(most, std::fabs(values[k]));
  if (most < kSmallest) {
    scale = 0;
    std::fill_n(blocks, cols / kQ4RColumns, Q4RSource{});
    return;
  }
  // Worked in units of a power of two near the largest value, which is exact
  // and keeps squares inside the floats.
  const int exponent = std::ilogb(most);
  std::vector<Group> groups(static_cast<size_t>(cols / kQ4RColumns));
  float largest = 0;
  for (size_t g = 0; g < groups.size(); ++g) {
    for (int i = 0; i < kColumns; ++i)
      groups[g].x[i] = std::ldexp(values[g * kColumns + i], -exponent);
    weigh(groups[g]);
    groups[g].step = bestStep(groups[g]);
    largest = std::max(largest, groups[g].step);
  }
  const float unit = largest / kLargestByte;
  for (size_t g = 0; g < groups.size(); ++g)
    quantizeGroup(groups[g], unit, blocks[g]);
  scale = std::ldexp(unit, exponent);
}
