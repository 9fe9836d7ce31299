/* The peak of 8-bit multiply-adds of each level, for `ingot bench`: the level's dot-product
 * instruction on independent sums in registers, nothing else. Twelve sums: latency 4-5, two a
 * cycle, and no register spills with the 16 of AVX2. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define INGOT_SUMS 12

/* Twelve accumulators in registers: clang unrolls both loops, the barrier keeps it from folding
 * rounds. */
#define INGOT_MAC_LOOP(vector, zero, step)                                                         \
  vector sums[INGOT_SUMS];                                                                         \
  for (int i = 0; i < INGOT_SUMS; ++i)                                                             \
    sums[i] = zero;                                                                                \
  for (uint64_t round = 0; round < rounds; ++round) {                                              \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < INGOT_SUMS; ++i) {                      \
      sums[i] = step;                                                                              \
      __asm__ volatile("" : "+v"(sums[i]));                                                        \
    }                                                                                              \
  }                                                                                                \
  __asm__ volatile("" : : "r"(sums) : "memory");                                                   \
  return rounds * INGOT_SUMS * sizeof(vector)

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static uint64_t
ingot_macs_avx512vnni(uint64_t rounds) {
  const __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
  INGOT_MAC_LOOP(__m512i, _mm512_setzero_si512(), _mm512_dpbusd_epi32(sums[i], a, b));
}

__attribute__((target("avx2,avxvnni"))) static uint64_t ingot_macs_avxvnni(uint64_t rounds) {
  const __m256i a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5);
  INGOT_MAC_LOOP(__m256i, _mm256_setzero_si256(), _mm256_dpbusd_avx_epi32(sums[i], a, b));
}

/* Pairs in 16 bits, eight of them added there, then pairs of those: as the products of nibbles have
 * it, 18 instructions for 256 products. Eleven sums: five more registers are needed. */
#define INGOT_PAIR_SUMS 11
#define INGOT_PAIRS_LOOP(vector, prefix)                                                           \
  vector sums[INGOT_PAIR_SUMS], total = prefix##_set1_epi8(0);                                     \
  vector a = prefix##_set1_epi8(3);                                                                \
  const vector b = prefix##_set1_epi8(5), ones = prefix##_set1_epi16(1);                           \
  for (uint64_t round = 0; round < rounds; ++round) {                                              \
    for (int i = 0; i < INGOT_PAIR_SUMS; ++i)                                                      \
      sums[i] = prefix##_set1_epi8(0);                                                             \
    for (int pair = 0; pair < 8; ++pair) {                                                         \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < INGOT_PAIR_SUMS; ++i) {               \
        __asm__ volatile("" : "+x"(a)); /* else the products move out of the loop */               \
        sums[i] = prefix##_add_epi16(sums[i], prefix##_maddubs_epi16(a, b));                       \
      }                                                                                            \
    }                                                                                              \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < INGOT_PAIR_SUMS; ++i) total =           \
        prefix##_add_epi32(total, prefix##_madd_epi16(sums[i], ones));                             \
  }                                                                                                \
  __asm__ volatile("" : : "x"(total));                                                             \
  return rounds * INGOT_PAIR_SUMS * 8 * sizeof(vector)

__attribute__((target("avx2"))) static uint64_t ingot_macs_avx2(uint64_t rounds) {
  INGOT_PAIRS_LOOP(__m256i, _mm256);
}

__attribute__((target("sse4.1"))) static uint64_t ingot_macs_sse41(uint64_t rounds) {
  INGOT_PAIRS_LOOP(__m128i, _mm);
}

/* Products of full tiles, 16 x 16 x 64, on six independent sums: one takes 52 cycles, and 16 until
 * the next. */
__attribute__((target("amx-tile,amx-int8"))) static uint64_t ingot_macs_amx(uint64_t rounds) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
  } config = {.palette = 1};
  for (int i = 0; i < 8; ++i) {
    config.row_bytes[i] = 64;
    config.rows[i] = 16;
  }
  _tile_loadconfig(&config);
  for (uint64_t round = 0; round < rounds; ++round) {
    _tile_dpbusd(0, 6, 7);
    _tile_dpbusd(1, 6, 7);
    _tile_dpbusd(2, 6, 7);
    _tile_dpbusd(3, 6, 7);
    _tile_dpbusd(4, 6, 7);
    _tile_dpbusd(5, 6, 7);
  }
  _tile_release();
  return rounds * 6 * (16 * 16 * 64);
}

uint64_t ingot_device_mac_rounds(const char *level, uint64_t rounds);
uint64_t ingot_device_mac_rounds(const char *level, uint64_t rounds) {
  if (strcmp(level, "amx") == 0)
    return ingot_macs_amx(rounds);
  if (strcmp(level, "avx512vnni") == 0)
    return ingot_macs_avx512vnni(rounds);
  if (strcmp(level, "avxvnni") == 0)
    return ingot_macs_avxvnni(rounds);
  if (strcmp(level, "avx2") == 0)
    return ingot_macs_avx2(rounds);
  if (strcmp(level, "sse41") == 0)
    return ingot_macs_sse41(rounds);
  return 0;
}

#endif
