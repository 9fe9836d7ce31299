/* printf: the conversions d u x X c s f g and %, with -, 0, width, precision, l, ll and z. */

#include "Decimals.h"

static FILE streams[2] = {{1}, {2}};
FILE *const stdout = &streams[0], *const stderr = &streams[1];

struct sink {
  char *at, *end; /* room without the null */
  size_t length;  /* of the whole text */
};

static void put(struct sink *sink, char character) {
  if (sink->at < sink->end)
    *sink->at++ = character;
  ++sink->length;
}

struct conversion {
  int left, zeros, width, precision; /* precision -1: none */
};

/* `text` with its sign in front, padded to the width. */
static void put_padded(struct sink *sink, const struct conversion *how, const char *sign,
                       const char *text, size_t length) {
  const int padding = how->width - (int)(strlen(sign) + length);
  for (int i = 0; i < padding && !how->left && !how->zeros; ++i)
    put(sink, ' ');
  while (*sign)
    put(sink, *sign++);
  for (int i = 0; i < padding && !how->left && how->zeros; ++i)
    put(sink, '0');
  for (size_t i = 0; i < length; ++i)
    put(sink, text[i]);
  for (int i = 0; i < padding && how->left; ++i)
    put(sink, ' ');
}

static void put_integer(struct sink *sink, const struct conversion *how, uint64_t value,
                        unsigned base, const char *digits, const char *sign) {
  char text[24];
  size_t at = sizeof text;
  do
    text[--at] = digits[value % base];
  while ((value /= base) != 0);
  put_padded(sink, how, sign, text + at, sizeof text - at);
}

/* Digits `from` to `to` of d, counted from its point; zeros where it has none. */
static char *digits_between(const struct decimals *d, int from, int to, char *out) {
  for (int i = from; i < to; ++i) {
    const int at = i + d->point;
    *out++ = at >= 0 && at < d->count ? d->digits[at] : '0';
  }
  return out;
}

static void put_double(struct sink *sink, struct conversion *how, double value, char kind) {
  const char *sign = __builtin_signbit(value) ? "-" : "";
  if (!isfinite(value)) {
    how->zeros = 0;
    put_padded(sink, how, sign, isnan(value) ? "nan" : "inf", 3);
    return;
  }
  struct decimals d;
  decimals_of(value, &d);
  int precision = how->precision < 0 ? 6 : how->precision > 300 ? 300 : how->precision;
  char text[700], *at = text;
  if (kind == 'f') {
    round_decimals(&d, d.point + precision);
    at = digits_between(&d, d.point > 0 ? -d.point : -1, 0, at);
    if (precision)
      *at++ = '.';
    at = digits_between(&d, 0, precision, at);
  } else {
    precision = precision ? precision : 1;
    round_decimals(&d, precision);
    while (d.count && d.digits[d.count - 1] == '0')
      --d.count;
    const int exponent = d.count ? d.point - 1 : 0;
    if (exponent >= -4 && exponent < precision) {
      at = digits_between(&d, d.count && d.point > 0 ? -d.point : -1, 0, at);
      if (d.count > d.point && d.count)
        *at++ = '.', at = digits_between(&d, 0, d.count - d.point, at);
    } else {
      *at++ = d.digits[0];
      if (d.count > 1)
        *at++ = '.', at = digits_between(&d, 1 - d.point, d.count - d.point, at);
      const int size = exponent < 0 ? -exponent : exponent;
      *at++ = 'e';
      *at++ = exponent < 0 ? '-' : '+';
      if (size >= 100)
        *at++ = (char)('0' + size / 100);
      *at++ = (char)('0' + size / 10 % 10);
      *at++ = (char)('0' + size % 10);
    }
  }
  put_padded(sink, how, sign, text, (size_t)(at - text));
}

static void put_argument(struct sink *sink, struct conversion *how, const char *size, char kind,
                         va_list *arguments) {
  const int wide = size[0] == 'l' && size[1] == 'l'; /* long and size_t have 32 bits */
  if (kind == 'd') {
    const int64_t value = wide ? va_arg(*arguments, long long) : va_arg(*arguments, int);
    put_integer(sink, how, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, "0123456789",
                value < 0 ? "-" : "");
  } else if (kind == 'u' || kind == 'x' || kind == 'X') {
    const uint64_t value =
        wide ? va_arg(*arguments, unsigned long long) : va_arg(*arguments, unsigned);
    put_integer(sink, how, value, kind == 'u' ? 10 : 16,
                kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef", "");
  } else if (kind == 'c') {
    const char character = (char)va_arg(*arguments, int);
    put_padded(sink, how, "", &character, 1);
  } else if (kind == 's') {
    const char *text = va_arg(*arguments, const char *);
    size_t length = 0;
    while ((how->precision < 0 || length < (size_t)how->precision) && text[length])
      ++length;
    put_padded(sink, how, "", text, length);
  } else if (kind == 'f' || kind == 'g') {
    put_double(sink, how, va_arg(*arguments, double), kind);
  } else {
    put(sink, kind); /* %% */
  }
}

int vsnprintf(char *to, size_t room, const char *format, va_list given) {
  struct sink sink = {to, room ? to + room - 1 : to, 0};
  va_list arguments;
  va_copy(arguments, given);
  while (*format) {
    if (*format != '%') {
      put(&sink, *format++);
      continue;
    }
    struct conversion how = {0, 0, 0, -1};
    for (++format; *format == '-' || *format == '0'; ++format)
      *(*format == '-' ? &how.left : &how.zeros) = 1;
    const int width_given = *format == '*';
    if (width_given)
      how.width = va_arg(arguments, int), ++format;
    while (*format >= '0' && *format <= '9')
      how.width = how.width * 10 + (*format++ - '0');
    if (*format == '.') {
      how.precision = 0;
      if (*++format == '*')
        how.precision = va_arg(arguments, int), ++format;
      while (*format >= '0' && *format <= '9')
        how.precision = how.precision * 10 + (*format++ - '0');
    }
    const char *size = format;
    while (*format == 'l' || *format == 'z')
      ++format;
    put_argument(&sink, &how, size, *format++, &arguments);
  }
  va_end(arguments);
  if (room)
    *sink.at = 0;
  return (int)sink.length;
}

int snprintf(char *to, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(to, room, format, arguments);
  va_end(arguments);
  return length;
}

static int print(FILE *to, const char *format, va_list arguments) {
  char line[1024], *text = line;
  const int length = vsnprintf(line, sizeof line, format, arguments);
  if ((size_t)length >= sizeof line) {
    text = malloc((size_t)length + 1);
    if (!text)
      return -1;
    vsnprintf(text, (size_t)length + 1, format, arguments);
  }
  int done = 0;
  while (done < length) {
    const ssize_t now = write(to->descriptor, text + done, (size_t)(length - done));
    if (now < 0 && errno != EINTR)
      break;
    done += now > 0 ? now : 0;
  }
  if (text != line)
    free(text);
  return done == length ? length : -1;
}

int printf(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = print(stdout, format, arguments);
  va_end(arguments);
  return length;
}

int fprintf(FILE *to, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const int length = print(to, format, arguments);
  va_end(arguments);
  return length;
}

int fputc(int character, FILE *to) { return fprintf(to, "%c", character) == 1 ? character : -1; }
int fflush(FILE *to) { return (void)to, 0; }
