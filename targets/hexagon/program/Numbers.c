/* strtoll, strtod, exp and log: what options and statistics need. */

#include "System.h"

static const char *skip_spaces(const char *text) {
  while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
    ++text;
  return text;
}

/* Decimal only, and out of range is said by errno, as the options' parser expects. */
long long strtoll(const char *text, char **end, int base) {
  const char *at = skip_spaces(text);
  const int negative = *at == '-';
  at += negative || *at == '+';
  const char *first = at;
  const uint64_t most = (uint64_t)INT64_MAX + (uint64_t)negative;
  uint64_t value = 0;
  (void)base;
  for (; *at >= '0' && *at <= '9'; ++at) {
    const uint64_t digit = (uint64_t)(*at - '0');
    if (value > (most - digit) / 10) {
      value = most;
      errno = /*ERANGE*/ 34;
      continue;
    }
    value = value * 10 + digit;
  }
  *end = (char *)(at == first ? text : at);
  return (long long)(negative ? -value : value);
}

static double times_power_of_ten(double value, int exponent) {
  /* 10^22 is the last power that a double holds exactly; one rounding up to there. */
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  for (; exponent > 22; exponent -= 22)
    value *= powers[22];
  for (; exponent < -22; exponent += 22)
    value /= powers[22];
  return exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
}

double strtod(const char *text, char **end) {
  const char *at = skip_spaces(text);
  const int negative = *at == '-';
  at += negative || *at == '+';
  uint64_t mantissa = 0;
  int exponent = 0, digits = 0, fraction = 0;
  for (;; ++at) {
    if (*at == '.' && !fraction) {
      fraction = 1;
      continue;
    }
    if (*at < '0' || *at > '9')
      break;
    ++digits;
    exponent -= fraction;
    if (mantissa < UINT64_MAX / 10 - 1)
      mantissa = mantissa * 10 + (uint64_t)(*at - '0');
    else
      ++exponent;
  }
  if (digits == 0) {
    *end = (char *)text;
    return 0;
  }
  if (*at == 'e' || *at == 'E') {
    char *stop;
    const char *number = at + 1 + (at[1] == '-' || at[1] == '+');
    if (*number >= '0' && *number <= '9') {
      const long long more = strtoll(at + 1, &stop, 10);
      exponent += (int)(more > 10000 ? 10000 : more < -10000 ? -10000 : more);
      at = stop;
    }
  }
  *end = (char *)at;
  const double value = mantissa ? times_power_of_ten((double)mantissa, exponent) : 0;
  return negative ? -value : value;
}

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* 2^n e^r with |r| <= ln 2 / 2, by the series; to about 2^-50. */
double exp(double x) {
  if (isnan(x))
    return x;
  if (x > 709.7)
    return __builtin_inf();
  if (x < -708)
    return 0;
  const int n = (int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  const double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10;
  double sum = 1;
  for (int i = 16; i > 0; --i)
    sum = 1 + sum * r / i;
  return sum * from_bits((uint64_t)(1023 + n) << 52);
}

/* ln(2^n m) with m in [sqrt(1/2), sqrt(2)), by the series of atanh; to about 2^-50. */
double log(double x) {
  if (!(x > 0))
    return x == 0 ? -__builtin_inf() : __builtin_nan("");
  if (isinf(x))
    return x;
  int n = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    n = -54;
  }
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  n += (int)(bits >> 52) - 1023;
  double m = from_bits((bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++n;
  }
  const double s = (m - 1) / (m + 1), square = s * s;
  double sum = 0;
  for (int i = 27; i > 0; i -= 2)
    sum = sum * square + 2.0 / i;
  return n * 0.69314718055994530942 + sum * s;
}
