/* The peak of 8-bit multiply-adds of each level, for `ingot bench`: the level's best instruction on
 * independent sums in registers, nothing else. Twelve sums: latency 4, up to four a cycle on the
 * largest cores would need 16, but 24 registers of operands and sums must not spill. */

#if defined(__aarch64__)

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define INGOT_SUMS 12

/* Twelve accumulators in registers: clang unrolls both loops, the barrier keeps it from folding
 * rounds. */
#define INGOT_MAC_LOOP(step, macs_of_step)                                                         \
  int32x4_t sums[INGOT_SUMS];                                                                      \
  for (int i = 0; i < INGOT_SUMS; ++i)                                                             \
    sums[i] = vdupq_n_s32(0);                                                                      \
  for (uint64_t round = 0; round < rounds; ++round) {                                              \
    _Pragma("clang loop unroll(full)") for (int i = 0; i < INGOT_SUMS; ++i) {                      \
      sums[i] = step;                                                                              \
      __asm__ volatile("" : "+w"(sums[i]));                                                        \
    }                                                                                              \
  }                                                                                                \
  __asm__ volatile("" : : "r"(sums) : "memory");                                                   \
  return rounds * INGOT_SUMS * (macs_of_step)

__attribute__((target("i8mm"))) static uint64_t ingot_macs_i8mm(uint64_t rounds) {
  const int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
  INGOT_MAC_LOOP(vmmlaq_s32(sums[i], a, b), 32);
}

__attribute__((target("dotprod"))) static uint64_t ingot_macs_dotprod(uint64_t rounds) {
  const int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
  INGOT_MAC_LOOP(vdotq_s32(sums[i], a, b), 16);
}

/* Products in 16 bits, twice, then added in pairs: five instructions for 32 products. */
static uint64_t ingot_macs_v8(uint64_t rounds) {
  int8x16_t a = vdupq_n_s8(3);
  const int8x16_t b = vdupq_n_s8(5);
  INGOT_MAC_LOOP(({
                   __asm__ volatile("" : "+w"(a)); /* else the products move out of the loop */
                   int16x8_t products = vmull_s8(vget_low_s8(a), vget_low_s8(b));
                   vpadalq_s16(sums[i], vmlal_high_s8(products, a, b));
                 }),
                 16);
}

uint64_t ingot_device_mac_rounds(const char *level, uint64_t rounds);
uint64_t ingot_device_mac_rounds(const char *level, uint64_t rounds) {
  if (strcmp(level, "i8mm") == 0)
    return ingot_macs_i8mm(rounds);
  if (strcmp(level, "dotprod") == 0)
    return ingot_macs_dotprod(rounds);
  if (strcmp(level, "v8") == 0)
    return ingot_macs_v8(rounds);
  return 0;
}

#endif
