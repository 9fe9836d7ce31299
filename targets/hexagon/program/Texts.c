/* string.h and the small parts of stdlib.h. */

#include "System.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  char *out = to;
  const char *in = from;
  if ((((uintptr_t)out | (uintptr_t)in) & 7) == 0)
    for (; bytes >= 8; bytes -= 8, out += 8, in += 8)
      *(uint64_t *)(void *)out = *(const uint64_t *)(const void *)in;
  while (bytes-- != 0)
    *out++ = *in++;
  return to;
}

/* Called for copies of at least 32 bytes in multiples of 8 that are probably aligned. */
void *__hexagon_memcpy_likely_aligned_min32bytes_mult8bytes(void *to, const void *from,
                                                            size_t bytes) {
  return memcpy(to, from, bytes);
}

void *memmove(void *to, const void *from, size_t bytes) {
  char *out = to;
  const char *in = from;
  if (out <= in)
    return memcpy(to, from, bytes); /* which goes upwards */
  while (bytes-- != 0)
    out[bytes] = in[bytes];
  return to;
}

void *memset(void *to, int byte, size_t bytes) {
  char *out = to;
  const uint64_t eight = (uint8_t)byte * UINT64_C(0x0101010101010101);
  for (; bytes != 0 && ((uintptr_t)out & 7) != 0; --bytes)
    *out++ = (char)byte;
  for (; bytes >= 8; bytes -= 8, out += 8)
    *(uint64_t *)(void *)out = eight;
  while (bytes-- != 0)
    *out++ = (char)byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const unsigned char *x = a, *y = b;
  for (size_t i = 0; i < bytes; ++i)
    if (x[i] != y[i])
      return x[i] - y[i];
  return 0;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length])
    ++length;
  return length;
}

int strncmp(const char *a, const char *b, size_t most) {
  for (size_t i = 0; i < most; ++i)
    if (a[i] != b[i] || a[i] == 0)
      return (unsigned char)a[i] - (unsigned char)b[i];
  return 0;
}
int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

char *strchr(const char *text, int character) {
  for (;; ++text) {
    if (*text == (char)character)
      return (char *)text;
    if (*text == 0)
      return 0;
  }
}

char *strrchr(const char *text, int character) {
  const char *found = 0;
  for (; (text = strchr(text, character)) != 0; ++text) {
    found = text;
    if (*text == 0)
      break;
  }
  return (char *)found;
}

char *strerror(int number) {
  static const struct {
    int number;
    char text[28];
  } known[] = {
      {2, "No such file or directory"}, {5, "Input/output error"},     {9, "Bad file descriptor"},
      {12, "Cannot allocate memory"},   {13, "Permission denied"},     {17, "File exists"},
      {20, "Not a directory"},          {21, "Is a directory"},        {22, "Invalid argument"},
      {28, "No space left on device"},  {30, "Read-only file system"}, {32, "Broken pipe"},
      {38, "Function not implemented"},
  };
  static char other[] = "Error 0000";
  for (size_t i = 0; i < sizeof known / sizeof *known; ++i)
    if (known[i].number == number)
      return (char *)known[i].text;
  for (int i = 0, rest = number; i < 4; ++i, rest /= 10)
    other[9 - i] = (char)('0' + rest % 10);
  return other;
}

char *getenv(const char *name) {
  const size_t length = strlen(name);
  for (char **at = environ; *at; ++at)
    if (strncmp(*at, name, length) == 0 && (*at)[length] == '=')
      return *at + length + 1;
  return 0;
}

/* A heap sort: in place, never quadratic. */
static void sift(char *at, size_t root, size_t count, size_t bytes,
                 int (*compare)(const void *, const void *)) {
  for (size_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && compare(at + child * bytes, at + (child + 1) * bytes) < 0)
      ++child;
    if (compare(at + root * bytes, at + child * bytes) >= 0)
      return;
    for (size_t i = 0; i < bytes; ++i) {
      const char moved = at[root * bytes + i];
      at[root * bytes + i] = at[child * bytes + i];
      at[child * bytes + i] = moved;
    }
  }
}

void qsort(void *at, size_t count, size_t bytes, int (*compare)(const void *, const void *)) {
  for (size_t root = count / 2; root-- != 0;)
    sift(at, root, count, bytes, compare);
  for (size_t end = count; end-- > 1;) {
    for (size_t i = 0; i < bytes; ++i) {
      const char moved = ((char *)at)[i];
      ((char *)at)[i] = ((char *)at)[end * bytes + i];
      ((char *)at)[end * bytes + i] = moved;
    }
    sift(at, 0, end, bytes, compare);
  }
}
