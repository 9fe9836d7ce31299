/* What the sources of kernels include: the few things that their loops call.
 *
 * The loops themselves are plain C++17. What they assume of the machine is
 * checked here, so that a compiler which does something else says so instead of
 * computing other numbers. */
#ifndef INGOT_KERNEL_H
#define INGOT_KERNEL_H

#include "ingot/abi.h"

#include <float.h>
#include <math.h>
#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the packed weights are little-endian: this machine, or this compiler, is not supported"
#endif
#if !defined(FLT_EVAL_METHOD) || FLT_EVAL_METHOD != 0
#error "floats must be computed as floats: ask the compiler for arithmetic without more precision"
#endif
#if defined(__FAST_MATH__)
#error "the kernels must be compiled without -ffast-math: what is written is what is computed"
#endif

/* A row without a block is not computed at all, in two places with the same
 * condition; this compiler looks at one of them. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

static_assert(sizeof(float) == 4, "floats must have 32 bits");

template <typename To, typename From> static inline To reinterpret(const From &value) {
  static_assert(sizeof(To) == sizeof(From), "the same bits");
  To result;
  memcpy(&result, &value, sizeof result);
  return result;
}

static inline float float_from_bits(uint32_t bits) { return reinterpret<float>(bits); }

static inline double double_from_bits(uint64_t bits) { return reinterpret<double>(bits); }

/* A finite 16-bit float as its bits: few compilers know the type on every
 * machine. Without branches, so that a loop over it can become vectors. */
struct float16_t {
  uint16_t bits;

  float16_t() = default;

  /* The nearest, ties to even. Below 2^-14 the result counts units of 2^-24,
   * which is the last place of 0.5: the addition rounds. */
  explicit float16_t(float value) {
    const uint32_t all = reinterpret<uint32_t>(value), magnitude = all & 0x7fffffff;
    const uint32_t normal = (magnitude + 0xfff + (magnitude >> 13 & 1) - 0x38000000) >> 13;
    const uint32_t small = reinterpret<uint32_t>(float_from_bits(magnitude) + 0.5f) - 0x3f000000;
    bits = (uint16_t)((all >> 16 & 0x8000) | (magnitude < 0x38800000 ? small : normal));
  }

  /* The bits, moved to where a float has them, are the value times 2^-112. */
  explicit operator float() const {
    const uint32_t moved = (uint32_t)(bits & 0x8000) << 16 | (uint32_t)(bits & 0x7fff) << 13;
    return float_from_bits(moved) * 5192296858534827628530496329220096.0f;
  }
};

template <typename T> static inline T halide_cpp_max(T a, T b) { return a > b ? a : b; }
template <typename T> static inline T halide_cpp_min(T a, T b) { return a < b ? a : b; }
template <typename T> static inline void halide_maybe_unused(const T &) {}
static inline uint8_t *_halide_buffer_get_host(const ingot_buffer *buffer) { return buffer->host; }

static inline float neg_inf_f32() { return -INFINITY; }
static inline float sqrt_f32(float x) { return sqrtf(x); }
static inline float floor_f32(float x) { return floorf(x); }

#endif
