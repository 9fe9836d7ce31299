//===- Half.h - 16-bit floats as bits -------------------------------------===//
//
// IEEE binary16, kept as uint16_t: the host compiler need not know the type.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_FORMATS_HALF_H
#define INGOT_CODEGEN_FORMATS_HALF_H

#include <bit>
#include <cmath>
#include <cstdint>

namespace ingot {

/// The value of `bits`: exact, infinities and NaNs included.
inline float halfToFloat(uint16_t bits) {
  const uint32_t sign = uint32_t(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 31, mantissa = bits & 0x3ff;
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent != 0)
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  // Zero or subnormal: mantissa * 2^-24, exact in a float.
  const float magnitude = float(mantissa) * 0x1p-24f;
  return sign ? -magnitude : magnitude;
}

/// The nearest half, ties to even; too large becomes infinity.
inline uint16_t floatToHalf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint16_t sign = uint16_t(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000)
    return sign | 0x7c00;     // 65520 and above round to infinity
  if (magnitude < 0x38800000) // below 2^-14: the result counts units of 2^-24
    return sign | uint16_t(std::nearbyint(std::bit_cast<float>(magnitude) * 0x1p24f));
  const uint32_t odd = magnitude >> 13 & 1;
  return sign | uint16_t((magnitude + 0xfff + odd - 0x38000000) >> 13);
}

} // namespace ingot

#endif // INGOT_CODEGEN_FORMATS_HALF_H
