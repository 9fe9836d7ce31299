/* Which levels of x86-64 the machine can run. Freestanding; compiled for the base level of the
 * architecture into every output of the target, and into the compiler itself. Asks the processor
 * (cpuid) and, because wide registers are useless where the operating system does not save them,
 * the extended control register (xgetbv). */

#if defined(__x86_64__)

#include <stdint.h>

struct ingot_cpuid {
  uint32_t eax, ebx, ecx, edx;
};

static struct ingot_cpuid ingot_ask(uint32_t leaf, uint32_t subleaf) {
  struct ingot_cpuid r;
  __asm__ volatile("cpuid"
                   : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                   : "a"(leaf), "c"(subleaf));
  return r;
}

static int ingot_has(uint32_t word, uint32_t bits) { return (word & bits) == bits; }

/* The register state that the operating system saves; 0 where it cannot be asked. */
static uint32_t ingot_saved_state(void) {
  uint32_t low, high;
  if (!ingot_has(ingot_ask(1, 0).ecx, 1u << 27)) /* OSXSAVE */
    return 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static struct ingot_cpuid ingot_leaf7(void) {
  const struct ingot_cpuid none = {0, 0, 0, 0};
  return ingot_ask(0, 0).eax < 7 ? none : ingot_ask(7, 0);
}

/* What clang calls x86-64-v2: the processors without AVX among those of the last fifteen years. */
int ingot_usable_sse41(void) {
  const uint32_t word = 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 |
                        1u << 23; /* SSE3 SSSE3 CX16 SSE4.1 SSE4.2 POPCNT */
  return ingot_has(ingot_ask(1, 0).ecx, word) && ingot_ask(0x80000000u, 0).eax >= 0x80000001u &&
         ingot_has(ingot_ask(0x80000001u, 0).ecx, 1u << 0); /* LAHF */
}

/* What clang calls haswell: AVX2, FMA, F16C and the scalar instructions that came with them. */
int ingot_usable_avx2(void) {
  const uint32_t word1 = 1u << 12 | 1u << 20 | 1u << 22 | 1u << 23 | 1u << 28 |
                         1u << 29;                    /* FMA SSE4.2 MOVBE POPCNT AVX F16C */
  const uint32_t word7 = 1u << 3 | 1u << 5 | 1u << 8; /* BMI1 AVX2 BMI2 */
  const uint32_t extended = 1u << 5;                  /* LZCNT */
  return ingot_has(ingot_saved_state(), 0x6) && ingot_has(ingot_ask(1, 0).ecx, word1) &&
         ingot_has(ingot_leaf7().ebx, word7) && ingot_ask(0x80000000u, 0).eax >= 0x80000001u &&
         ingot_has(ingot_ask(0x80000001u, 0).ecx, extended);
}

/* Alder Lake, Gracemont and later: AVX2 and vpdpbusd in its VEX form. */
int ingot_usable_avxvnni(void) {
  return ingot_usable_avx2() && ingot_leaf7().eax >= 1 &&
         ingot_has(ingot_ask(7, 1).eax, 1u << 4); /* AVX-VNNI */
}

/* Ice Lake, Sapphire Rapids, Zen 4 and later. */
int ingot_usable_avx512vnni(void) {
  const uint32_t ebx =
      1u << 16 | 1u << 17 | 1u << 21 | 1u << 28 | 1u << 30 | 1u << 31; /* F DQ IFMA CD BW VL */
  const uint32_t ecx = 1u << 1 | 1u << 6 | 1u << 8 | 1u << 11 | 1u << 12 |
                       1u << 14; /* VBMI VBMI2 GFNI VNNI BITALG VPOPCNTDQ */
  const struct ingot_cpuid leaf7 = ingot_leaf7();
  return ingot_usable_avx2() && ingot_has(ingot_saved_state(), 0xe6) && ingot_has(leaf7.ebx, ebx) &&
         ingot_has(leaf7.ecx, ecx);
}

/* Tiles are 8 KiB of state, which Linux saves for a process that has asked for them: the permission
 * holds for all of its threads, those that begin later included. No: there is none. */
static int ingot_tiles_permitted(void) {
  const long arch_prctl = 158, request_permission = 0x1023, tile_data = 18;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(arch_prctl), "D"(request_permission), "S"(tile_data)
                   : "rcx", "r11", "memory");
  return result == 0;
}

/* Sapphire Rapids and later. */
int ingot_usable_amx(void) {
  const uint32_t edx = 1u << 24 | 1u << 25; /* AMX-TILE AMX-INT8 */
  return ingot_usable_avx512vnni() && ingot_has(ingot_leaf7().edx, edx) &&
         ingot_has(ingot_saved_state(), 1u << 17 | 1u << 18) && ingot_tiles_permitted();
}

#endif
