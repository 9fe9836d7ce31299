// exp for the sampler: the same bits on every machine, since it is plain multiplications and
// additions in double precision in one order (the runtime is compiled without contraction).
#ifndef INGOT_RUNTIME_EXP_H
#define INGOT_RUNTIME_EXP_H

#include <stdint.h>

namespace ingot {

// e^x for x <= 0, relative error below 1e-15; exactly 1 at 0 and exactly 0 below -700.
inline double expNonPositive(double x) noexcept {
  double clamped = x < -700.0 ? -700.0 : x;
  // x = k ln2 + r with |r| <= ln2 / 2; the long constant is split so that k ln2 is exact.
  double k = static_cast<double>(static_cast<int32_t>(clamped * 1.4426950408889634 - 0.5));
  double r = clamped - k * 6.93147180369123816490e-01 - k * 1.90821492927058770002e-10;
  // The series to r^13: the first term left out is below 1e-17 of the sum.
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  uint64_t scale = static_cast<uint64_t>(1023 + static_cast<int64_t>(k)) << 52;
  double power;
  __builtin_memcpy(&power, &scale, sizeof power);
  return x < -700.0 ? 0.0 : p * power;
}

} // namespace ingot
#endif
