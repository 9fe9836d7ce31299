#include "Ceiling.h"

#include "Cli.h"
#include "Clock.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

namespace ingot::cli {

// 64 bytes: a cache line, and no narrower than any register that could read it.
typedef uint64_t Line __attribute__((vector_size(64)));

namespace {

struct Pass {
  const char *from;
  char *fill; // null: read
  size_t lines;
};

void runPass(void *argument, uint32_t thread, uint32_t threads) {
  const Pass &pass = *static_cast<const Pass *>(argument);
  const size_t begin = pass.lines * thread / threads, end = pass.lines * (thread + 1) / threads;
  if (pass.fill) {
    memset(pass.fill + begin * sizeof(Line), 1, (end - begin) * sizeof(Line));
    return;
  }
  // Two sums, so that an addition waits for memory and not for the addition before it.
  const Line *at = reinterpret_cast<const Line *>(pass.from);
  Line even = {}, odd = {};
  size_t i = begin;
  for (; i + 1 < end; i += 2) {
    even ^= at[i];
    odd ^= at[i + 1];
  }
  if (i < end)
    even ^= at[i];
  even ^= odd;
  asm volatile("" : : "m"(even)); // somebody needs it, for all the compiler knows
}

struct Products {
  const char *level;
  uint64_t rounds;
  uint64_t macs; // of one thread; every thread writes the same number
};

// What the compiler makes of plain code, for targets without device code: 64 bytes of products per
// round, widened and added.
uint64_t portableMacRounds(uint64_t rounds) {
  constexpr int width = 64;
  int8_t a[width];
  uint8_t b[width];
  int32_t sums[width] = {};
  memset(a, 3, sizeof a);
  memset(b, 5, sizeof b);
  for (uint64_t round = 0; round < rounds; ++round) {
    asm volatile("" : "+m"(a), "+m"(b)); // not the same values for all the compiler knows
    for (int i = 0; i < width; ++i)
      sums[i] += a[i] * b[i];
  }
  int32_t total = 0;
  for (int32_t sum : sums)
    total ^= sum;
  asm volatile("" : : "r"(total));
  return rounds * width;
}

void runProducts(void *argument, uint32_t thread, uint32_t) {
  Products &products = *static_cast<Products *>(argument);
  uint64_t macs = 0;
  if (ingot_device_mac_rounds)
    macs = ingot_device_mac_rounds(products.level, products.rounds);
  if (macs == 0)
    macs = portableMacRounds(products.rounds);
  if (thread == 0)
    products.macs = macs;
}

} // namespace

ReadCeiling::~ReadCeiling() {
  if (anonymous)
    munmap(anonymous, bytes);
}

int ReadCeiling::open(const void *from, size_t size) {
  constexpr size_t hugePage = size_t(2) << 20;
  weights = from;
  bytes = (size + hugePage - 1) / hugePage * hugePage;
  void *at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED)
    return fail(exitFailed, "cannot take %zu bytes to measure the memory: %s", bytes,
                strerror(errno));
  anonymous = at;
#ifdef MADV_HUGEPAGE
  madvise(anonymous, bytes, MADV_HUGEPAGE); // a wish; small pages are measured where it is refused
#endif
  bytes = size / sizeof(Line) * sizeof(Line); // what is read, of both
  return exitDone;
}

void ReadCeiling::touch(ingot_team *team) const {
  Pass pass = {nullptr, static_cast<char *>(anonymous), bytes / sizeof(Line)};
  (void)ingot_team_run(team, runPass, &pass);
}

double ReadCeiling::read(ingot_team *team, const void *from) const {
  Pass pass = {static_cast<const char *>(from), nullptr, bytes / sizeof(Line)};
  const double begin = now();
  (void)ingot_team_run(team, runPass, &pass);
  return static_cast<double>(bytes) / (now() - begin);
}

double macPeak(ingot_team *team, const char *level) {
  // Rounds grow until the measurement is long beside the start of the threads.
  constexpr double enough = 0.01;
  Products products = {level, 1 << 12, 0};
  for (;;) {
    const double begin = now();
    (void)ingot_team_run(team, runProducts, &products);
    const double seconds = now() - begin;
    if (seconds >= enough)
      return static_cast<double>(products.macs) * ingot_team_threads(team) / seconds;
    products.rounds *= 4;
  }
}

} // namespace ingot::cli
