/* The bound that a machine's caches set to layer sharing: nothing but reading, as a decode step reads.
 *
 *     reread BLOCKS BLOCK_BYTES REST_BYTES THREADS ROUNDS
 *
 * Every thread reads its own share of each block, front to back, with no barrier and no arithmetic but a sum: all
 * blocks once, every block twice in a row, and twice as many blocks once; then the rest (the head) once. On huge
 * pages where the system gives them. Prints the three medians over ROUNDS rounds in turns, in ms, as JSON. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { ONCE, TWICE, DISTINCT, KINDS, HUGE_PAGE = 2 << 20, MOST_THREADS = 64 };

typedef uint64_t vector __attribute__((vector_size(64)));

struct probe {
  const char *bytes;
  size_t blocks, block_bytes, rest_bytes;
  int threads;
  _Atomic int kind, round, done;
};

static struct probe probe;

static uint64_t read_share(const char *from, size_t bytes, int thread) {
  const size_t lines = bytes / sizeof(vector);
  const size_t begin = lines * (size_t)thread / (size_t)probe.threads;
  const size_t end = lines * (size_t)(thread + 1) / (size_t)probe.threads;
  const vector *line = (const vector *)from;
  vector sums[4] = {{0}};
  size_t i = begin;
  for (; i + 4 <= end; i += 4)
    for (int k = 0; k < 4; ++k)
      sums[k] += line[i + (size_t)k];
  for (; i < end; ++i)
    sums[0] += line[i];
  return (sums[0] + sums[1] + sums[2] + sums[3])[0];
}

static void read_step(int thread) {
  const size_t blocks = probe.kind == DISTINCT ? 2 * probe.blocks : probe.blocks;
  const int times = probe.kind == TWICE ? 2 : 1;
  uint64_t sum = 0;
  for (size_t block = 0; block < blocks; ++block)
    for (int run = 0; run < times; ++run)
      sum += read_share(probe.bytes + block * probe.block_bytes, probe.block_bytes, thread);
  sum += read_share(probe.bytes + 2 * probe.blocks * probe.block_bytes, probe.rest_bytes, thread);
  __asm__ volatile("" : : "r"(sum)); /* or nothing would be read */
}

static void *serve(void *argument) {
  const int thread = (int)(intptr_t)argument;
  for (int seen = 0;; ++seen) {
    while (atomic_load(&probe.round) == seen)
      ;
    read_step(thread);
    atomic_fetch_add(&probe.done, 1);
  }
  return NULL;
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double step_ms(int kind) {
  atomic_store(&probe.kind, kind);
  atomic_store(&probe.done, 0);
  const double begin = now_ms();
  atomic_fetch_add(&probe.round, 1);
  read_step(0);
  while (atomic_load(&probe.done) != probe.threads - 1)
    ;
  return now_ms() - begin;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: reread BLOCKS BLOCK_BYTES REST_BYTES THREADS ROUNDS\n");
    return 2;
  }
  probe.blocks = strtoull(words[1], NULL, 10);
  probe.block_bytes = strtoull(words[2], NULL, 10) / sizeof(vector) * sizeof(vector);
  probe.rest_bytes = strtoull(words[3], NULL, 10);
  probe.threads = atoi(words[4]);
  const int rounds = atoi(words[5]);
  if (probe.blocks < 1 || probe.threads < 1 || probe.threads > MOST_THREADS || rounds < 1) {
    fprintf(stderr, "reread: a number is out of its range\n");
    return 2;
  }
  const size_t bytes = 2 * probe.blocks * probe.block_bytes + probe.rest_bytes;
  char *memory = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "reread: no memory for %zu bytes\n", bytes);
    return 1;
  }
  memory = (char *)(((uintptr_t)memory + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
  madvise(memory, bytes, MADV_HUGEPAGE);
  memset(memory, 1, bytes);
  probe.bytes = memory;

  for (intptr_t thread = 1; thread < probe.threads; ++thread) {
    pthread_t handle;
    if (pthread_create(&handle, NULL, serve, (void *)thread) != 0) {
      fprintf(stderr, "reread: cannot start a thread\n");
      return 1;
    }
  }
  double *samples[KINDS];
  for (int kind = 0; kind < KINDS; ++kind)
    samples[kind] = malloc((size_t)rounds * sizeof(double));
  for (int round = 0; round < rounds; ++round)
    for (int kind = 0; kind < KINDS; ++kind)
      samples[kind][round] = step_ms(kind);
  const char *names[KINDS] = {"base", "shared", "distinct"};
  for (int kind = 0; kind < KINDS; ++kind) {
    qsort(samples[kind], (size_t)rounds, sizeof(double), compare);
    printf("%s\"%s\": %.4f", kind ? ", " : "{", names[kind], samples[kind][rounds / 2]);
  }
  printf("}\n");
  return 0;
}
