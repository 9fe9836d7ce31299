/* What clang calls where Hexagon has no instruction: division of integers, products and quotients
 * of doubles, square roots. Correctly rounded, to nearest; a real DSP image takes them from its
 * compiler's library. */

#include "System.h"

/* ---- integers ---- */

static uint64_t divide(uint64_t a, uint64_t b, uint64_t *rest) {
  uint64_t quotient = 0;
  if (b == 0 || a < b) {
    *rest = a;
    return 0;
  }
  int shift = __builtin_clzll(b) - __builtin_clzll(a);
  for (b <<= shift; shift >= 0; --shift, b >>= 1) {
    quotient <<= 1;
    if (a >= b) {
      a -= b;
      quotient |= 1;
    }
  }
  *rest = a;
  return quotient;
}

static uint64_t magnitude(int64_t value) { return value < 0 ? -(uint64_t)value : (uint64_t)value; }

uint64_t __hexagon_udivdi3(uint64_t a, uint64_t b) {
  uint64_t rest;
  return divide(a, b, &rest);
}
uint64_t __hexagon_umoddi3(uint64_t a, uint64_t b) {
  uint64_t rest;
  divide(a, b, &rest);
  return rest;
}
int64_t __hexagon_divdi3(int64_t a, int64_t b) {
  const uint64_t quotient = __hexagon_udivdi3(magnitude(a), magnitude(b));
  return (int64_t)((a < 0) != (b < 0) ? -quotient : quotient);
}
int64_t __hexagon_moddi3(int64_t a, int64_t b) {
  const uint64_t rest = __hexagon_umoddi3(magnitude(a), magnitude(b));
  return (int64_t)(a < 0 ? -rest : rest);
}
uint32_t __hexagon_udivsi3(uint32_t a, uint32_t b) { return (uint32_t)__hexagon_udivdi3(a, b); }
uint32_t __hexagon_umodsi3(uint32_t a, uint32_t b) { return (uint32_t)__hexagon_umoddi3(a, b); }
int32_t __hexagon_divsi3(int32_t a, int32_t b) { return (int32_t)__hexagon_divdi3(a, b); }
int32_t __hexagon_modsi3(int32_t a, int32_t b) { return (int32_t)__hexagon_moddi3(a, b); }

/* ---- doubles ---- */

#define SIGN (UINT64_C(1) << 63)
#define INFINITE (UINT64_C(0x7ff) << 52)
#define HIDDEN (UINT64_C(1) << 52)
#define NOT_A_NUMBER (INFINITE | HIDDEN >> 1)

static uint64_t bits_of(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
static double value_of(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* A finite number that is not zero as mantissa * 2^exponent, its highest bit the hidden one. */
static uint64_t normalised(uint64_t magnitude, int *exponent) {
  uint64_t mantissa = magnitude & (HIDDEN - 1);
  *exponent = (int)(magnitude >> 52) - 1075;
  if (magnitude >= HIDDEN)
    return mantissa | HIDDEN;
  const int shift = __builtin_clzll(mantissa) - 11;
  *exponent = -1074 - shift;
  return mantissa << shift;
}

/* mantissa * 2^exponent, rounded; its lowest bit is set where bits below it are lost, its highest
 * is bit 62 or 63. */
static double rounded(uint64_t sign, uint64_t mantissa, int exponent) {
  if (mantissa >> 63 == 0) {
    mantissa <<= 1;
    --exponent;
  }
  int biased = exponent + 63 + 1023;
  if (biased <= 0) { /* below the normal numbers: bits go first, then it is rounded */
    const int shift = 1 - biased;
    mantissa = shift > 63 ? 1 : mantissa >> shift | ((mantissa << (64 - shift)) != 0);
    biased = 0;
  }
  uint64_t kept = mantissa >> 11;
  const uint64_t rest = mantissa & 0x7ff;
  kept += rest > 0x400 || (rest == 0x400 && (kept & 1) != 0);
  if (biased == 0)
    return value_of(sign | kept); /* a carry makes it the smallest normal number */
  const uint64_t magnitude = ((uint64_t)biased << 52) + (kept - HIDDEN);
  return value_of(sign | (biased >= 0x7ff || magnitude >= INFINITE ? INFINITE : magnitude));
}

double __hexagon_muldf3(double a, double b) {
  const uint64_t sign = (bits_of(a) ^ bits_of(b)) & SIGN;
  const uint64_t x = bits_of(a) & ~SIGN, y = bits_of(b) & ~SIGN;
  if (x > INFINITE || y > INFINITE)
    return value_of(NOT_A_NUMBER);
  if (x == INFINITE || y == INFINITE)
    return value_of(x == 0 || y == 0 ? NOT_A_NUMBER : sign | INFINITE);
  if (x == 0 || y == 0)
    return value_of(sign);
  int e, f;
  const uint64_t m = normalised(x, &e) << 11, n = normalised(y, &f) << 11;
  const uint64_t mh = m >> 32, ml = (uint32_t)m, nh = n >> 32, nl = (uint32_t)n;
  const uint64_t low = ml * nl, cross = mh * nl + (low >> 32), other = ml * nh + (uint32_t)cross;
  const uint64_t high = mh * nh + (cross >> 32) + (other >> 32);
  const uint64_t lost = (other << 32) | (uint32_t)low;
  return rounded(sign, high | (lost != 0), e - 11 + f - 11 + 64);
}

double __hexagon_divdf3(double a, double b) {
  const uint64_t sign = (bits_of(a) ^ bits_of(b)) & SIGN;
  const uint64_t x = bits_of(a) & ~SIGN, y = bits_of(b) & ~SIGN;
  if (x > INFINITE || y > INFINITE || (x == y && (x == 0 || x == INFINITE)))
    return value_of(NOT_A_NUMBER);
  if (x == 0 || y == INFINITE)
    return value_of(sign);
  if (x == INFINITE || y == 0)
    return value_of(sign | INFINITE);
  int e, f;
  uint64_t rest = normalised(x, &e);
  const uint64_t divisor = normalised(y, &f);
  uint64_t quotient = 0;
  for (int i = 0; i < 64; ++i) { /* the first bit is that of 2^0; bit 62 at least is set */
    quotient <<= 1;
    if (rest >= divisor) {
      rest -= divisor;
      quotient |= 1;
    }
    rest <<= 1;
  }
  return rounded(sign, quotient | (rest != 0), e - f - 63);
}

/* ---- square roots, a bit at a time ---- */

/* The root of `value` in `bits` bits, its lowest set where the root is not exact. */
static uint64_t root_of(uint64_t value, int bits) {
  uint64_t root = 0, rest = 0;
  for (int i = bits - 1; i >= 0; --i) {
    rest = rest << 2 | (2 * i < 64 ? value >> (2 * i) & 3 : 0);
    const uint64_t trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return root | (rest != 0);
}

float sqrtf(float x);
float sqrtf(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7fffffff) == 0 || isnan(x) || bits == 0x7f800000)
    return x;
  if (bits >> 31)
    return __builtin_nanf("");
  int exponent = (int)(bits >> 23) - 150;
  uint64_t mantissa = bits & 0x7fffff;
  if (bits >> 23) {
    mantissa |= 0x800000;
  } else {
    const int shift = __builtin_clzll(mantissa) - 40;
    mantissa <<= shift;
    exponent = -149 - shift;
  }
  /* 54 or 55 bits in, so that 27 or 28 come out: two or three more than a float has. */
  const int shift = 30 + (exponent & 1);
  const uint64_t root = root_of(mantissa << shift, 28);
  exponent = (exponent - shift) / 2;
  /* The conversion rounds, the power of two is exact: no root is below the normal numbers. */
  const uint32_t power = (uint32_t)(exponent + 127) << 23;
  float scale;
  memcpy(&scale, &power, sizeof scale);
  return (float)(uint32_t)root * scale;
}

float __hexagon_sqrtf(float x);
float __hexagon_sqrtf(float x) { return sqrtf(x); }
