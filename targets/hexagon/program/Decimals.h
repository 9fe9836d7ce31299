/* The exact decimal digits of a double: m * 2^e is m * 2^e, or m * 5^-e / 10^-e, as an integer of
 * many words. */
#ifndef INGOT_HEXAGON_DECIMALS_H
#define INGOT_HEXAGON_DECIMALS_H

#include "System.h"

struct decimals {
  int count;        /* of digits; 0 for zero */
  int point;        /* value = 0.d0 d1 d2 ... * 10^point */
  char digits[800]; /* '0' to '9', the first not '0' */
};

static void decimals_of(double value, struct decimals *out) {
  enum { WORDS = 84, STEP = 9 };
  uint32_t words[WORDS] = {0};
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
  int exponent = (int)(bits >> 52 & 0x7ff);
  mantissa |= exponent ? UINT64_C(1) << 52 : 0;
  exponent = (exponent ? exponent : 1) - 1075;
  words[0] = (uint32_t)mantissa;
  words[1] = (uint32_t)(mantissa >> 32);
  for (int i = 0; i < exponent; ++i) /* double it */
    for (int w = WORDS - 1; w >= 0; --w)
      words[w] = words[w] << 1 | (w ? words[w - 1] >> 31 : 0);
  for (int i = 0; i < -exponent; ++i) {
    uint64_t carry = 0;
    for (int w = 0; w < WORDS; ++w) {
      carry += (uint64_t)words[w] * 5;
      words[w] = (uint32_t)carry;
      carry >>= 32;
    }
  }
  /* Nine digits at a time from the end. */
  int at = sizeof out->digits;
  for (int top = WORDS; top > 0;) {
    uint64_t rest = 0;
    for (int w = top - 1; w >= 0; --w) {
      rest = rest << 32 | words[w];
      words[w] = (uint32_t)(rest / 1000000000);
      rest %= 1000000000;
    }
    while (top > 0 && words[top - 1] == 0)
      --top;
    for (int i = 0; i < STEP; ++i, rest /= 10)
      out->digits[--at] = (char)('0' + rest % 10);
  }
  int first = at;
  while (first < (int)sizeof out->digits && out->digits[first] == '0')
    ++first;
  out->count = (int)sizeof out->digits - first;
  out->point = out->count - (exponent < 0 ? -exponent : 0);
  memmove(out->digits, out->digits + first, (size_t)out->count);
}

/* Keeps `wanted` digits, rounded to nearest, ties to even. */
static void round_decimals(struct decimals *d, int wanted) {
  if (wanted >= d->count)
    return;
  if (wanted < 0) {
    d->count = 0;
    return;
  }
  int up = d->digits[wanted] > '5';
  if (d->digits[wanted] == '5') {
    up = wanted > 0 && (d->digits[wanted - 1] - '0') % 2 == 1;
    for (int i = wanted + 1; i < d->count; ++i)
      up |= d->digits[i] != '0';
  }
  d->count = wanted;
  int i = wanted;
  while (up && i > 0 && d->digits[i - 1] == '9')
    --i, --d->count;
  if (up && i > 0) {
    ++d->digits[i - 1];
  } else if (up) {
    d->digits[0] = '1';
    d->count = 1;
    ++d->point;
  }
}

#endif
