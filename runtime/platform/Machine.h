// Two things that every machine has under another name: a hint that the thread is spinning, and the
// register that holds the rounding mode and the treatment of denormals. Chosen by which builtin the
// compiler has (of some, 32-bit machines share the name and not the meaning); a machine without
// either spins plainly and keeps the caller's mode.
#ifndef INGOT_RUNTIME_MACHINE_H
#define INGOT_RUNTIME_MACHINE_H

#include <stdint.h>

#if !defined(__has_builtin) // a compiler without the question has none of them
#define __has_builtin(name) 0
#endif

namespace ingot::platform {

inline void spinHint() noexcept {
#if __has_builtin(__builtin_ia32_pause)
  __builtin_ia32_pause();
#elif __has_builtin(__builtin_arm_isb) && __SIZEOF_POINTER__ == 8
  // `yield` is a no-op on most cores; `isb` really waits a little.
  __builtin_arm_isb(15);
#endif
}

// Default rounding, denormals kept, nothing trapped: what kernels assume, whatever the host set.
class DefaultFloatMode {
public:
#if __has_builtin(__builtin_ia32_stmxcsr)
  DefaultFloatMode() noexcept : saved(__builtin_ia32_stmxcsr()) { __builtin_ia32_ldmxcsr(0x1f80); }
  ~DefaultFloatMode() { __builtin_ia32_ldmxcsr(saved); }

private:
  uint32_t saved;
#elif __has_builtin(__builtin_arm_rsr64) && __SIZEOF_POINTER__ == 8
  DefaultFloatMode() noexcept : saved(__builtin_arm_rsr64("fpcr")) {
    __builtin_arm_wsr64("fpcr", 0);
  }
  ~DefaultFloatMode() { __builtin_arm_wsr64("fpcr", saved); }

private:
  uint64_t saved;
#else
  DefaultFloatMode() noexcept {}
  ~DefaultFloatMode() {}
#endif
  DefaultFloatMode(const DefaultFloatMode &) = delete;
  DefaultFloatMode &operator=(const DefaultFloatMode &) = delete;
};

} // namespace ingot::platform
#endif
