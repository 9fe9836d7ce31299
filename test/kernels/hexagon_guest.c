/* The host of test/kernels/Guest.h: a program that kernels are linked into, and that calls them as
 * requests on standard input say. A list of their names and addresses is linked in as well. */

#include "targets/hexagon/program/System.h"

struct kernel {
  const char *name;
  int (*call)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
              uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
};
extern const struct kernel ingot_guest_kernels[]; /* ends with a null name */

enum {
  MARGIN = 256, /* bytes of rubbish in front of and behind every region */
  RUBBISH = 0xa5,
  VIEW_BYTES = 64,
  HOST_AT = 12, /* struct halide_buffer_t with pointers of 32 bits */
  MOST = 16,    /* scalars and views: all are words, the first six in registers */
};

static int get(void *to, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    const ssize_t got = read(STDIN_FILENO, (char *)to + at, bytes - at);
    if (got <= 0)
      return 0;
    at += (size_t)got;
  }
  return 1;
}

static uint32_t word(void) {
  uint32_t value;
  if (!get(&value, sizeof value))
    _exit(0); /* the end */
  return value;
}

static void put(const void *from, size_t bytes) {
  for (size_t at = 0; at < bytes;) {
    const ssize_t done = write(STDOUT_FILENO, (const char *)from + at, bytes - at);
    if (done <= 0)
      _exit(1);
    at += (size_t)done;
  }
}

static int is_rubbish(const uint8_t *at) {
  for (int i = 0; i < MARGIN; ++i)
    if (at[i] != RUBBISH)
      return 0;
  return 1;
}

int main(int argc, char **argv) {
  (void)argc, (void)argv;
  for (;;) {
    char symbol[256] = {0};
    const uint32_t length = word();
    if (length >= sizeof symbol || !get(symbol, length))
      return 1;
    uint32_t arguments[MOST] = {0}, sizes[MOST], count = word();
    if (count > MOST)
      return 1;
    for (uint32_t i = 0; i < count; ++i)
      arguments[i] = word();
    uint8_t *regions[MOST], *views[MOST];
    const uint32_t region_count = word();
    if (region_count > MOST)
      return 1;
    for (uint32_t i = 0; i < region_count; ++i)
      sizes[i] = word();
    const uint32_t view_count = word();
    if (count + view_count > MOST)
      return 1;
    uint32_t places[MOST][2];
    for (uint32_t i = 0; i < view_count; ++i) {
      places[i][0] = word();
      places[i][1] = word();
    }
    for (uint32_t i = 0; i < region_count; ++i) {
      uint8_t *room = memalign(128, sizes[i] + 2 * MARGIN);
      if (!room)
        return 1;
      memset(room, RUBBISH, sizes[i] + 2 * MARGIN);
      regions[i] = room + MARGIN;
      if (!get(regions[i], sizes[i]))
        return 1;
    }
    for (uint32_t i = 0; i < view_count; ++i) {
      views[i] = memalign(16, VIEW_BYTES);
      memset(views[i], RUBBISH, VIEW_BYTES);
      const uint8_t *host = regions[places[i][0]] + places[i][1];
      memcpy(views[i] + HOST_AT, &host, sizeof host);
      arguments[count + i] = (uint32_t)(uintptr_t)views[i];
    }
    const struct kernel *kernel = ingot_guest_kernels;
    while (kernel->name && strcmp(kernel->name, symbol) != 0)
      ++kernel;
    const uint32_t *a = arguments;
    int32_t result = -1;
    if (kernel->name)
      result = kernel->call(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10],
                            a[11], a[12], a[13], a[14], a[15]);
    for (uint32_t i = 0; i < region_count; ++i)
      if (!is_rubbish(regions[i] - MARGIN) || !is_rubbish(regions[i] + sizes[i]))
        result = -2;
    put(&result, sizeof result);
    for (uint32_t i = 0; i < region_count; ++i) {
      put(regions[i], sizes[i]);
      free(regions[i] - MARGIN);
    }
    for (uint32_t i = 0; i < view_count; ++i)
      free(views[i]);
  }
}
