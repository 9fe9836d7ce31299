/* Which levels of arm64 the machine can run. Freestanding; compiled for the base level of the
 * architecture into every output of the target, and into the compiler itself. The feature registers
 * cannot be read by programs on every system, so the kernel is asked: the auxiliary vector of Linux
 * and Android, the named values of Apple's systems. */

#if defined(__aarch64__)

enum ingot_feature { INGOT_HALF, INGOT_DOT_PRODUCT, INGOT_BFLOAT, INGOT_MATRIX };

#if defined(__APPLE__)

#include <stddef.h>

int sysctlbyname(const char *name, void *old, size_t *old_bytes, void *new_value, size_t new_bytes);

static int ingot_has(enum ingot_feature feature) {
  static const char *const names[] = {"hw.optional.arm.FEAT_FP16", "hw.optional.arm.FEAT_DotProd",
                                      "hw.optional.arm.FEAT_BF16", "hw.optional.arm.FEAT_I8MM"};
  int value = 0;
  size_t bytes = sizeof value;
  return sysctlbyname(names[feature], &value, &bytes, 0, 0) == 0 && value != 0;
}

#elif defined(__linux__)

unsigned long getauxval(unsigned long type);

static int ingot_has(enum ingot_feature feature) {
  const unsigned long hwcap = getauxval(16), hwcap2 = getauxval(26);
  switch (feature) {
  case INGOT_HALF: /* FPHP and ASIMDHP: scalars and vectors */
    return (hwcap >> 9 & 1) != 0 && (hwcap >> 10 & 1) != 0;
  case INGOT_DOT_PRODUCT:
    return (hwcap >> 20 & 1) != 0;
  case INGOT_BFLOAT:
    return (hwcap2 >> 14 & 1) != 0;
  case INGOT_MATRIX:
    return (hwcap2 >> 13 & 1) != 0;
  }
  return 0;
}

#else /* nobody to ask: the base level */

static int ingot_has(enum ingot_feature feature) {
  (void)feature;
  return 0;
}

#endif

int ingot_usable_v8(void);
int ingot_usable_dotprod(void);
int ingot_usable_i8mm(void);

/* Every 64-bit processor of the family, with the vectors that its systems demand. */
int ingot_usable_v8(void) { return 1; }

/* Cortex-A55, A75 and later. */
int ingot_usable_dotprod(void) { return ingot_has(INGOT_HALF) && ingot_has(INGOT_DOT_PRODUCT); }

/* Cortex-X2, A510 and A710, Neoverse V1, Apple M2 and later. They all have bfloat16, which the
 * compiler may assume. */
int ingot_usable_i8mm(void) {
  return ingot_usable_dotprod() && ingot_has(INGOT_BFLOAT) && ingot_has(INGOT_MATRIX);
}

#endif
