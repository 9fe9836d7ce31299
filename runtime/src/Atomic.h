// Atomics on the compiler's builtins: <atomic> is freestanding in the standard but comes with a C++
// library that a target without an SDK does not have.
#ifndef INGOT_RUNTIME_ATOMIC_H
#define INGOT_RUNTIME_ATOMIC_H

namespace ingot {

// The orders in use: relaxed for numbers nobody is published with, acquire/release for hand-over,
// and sequential (the default of the read-modify-writes) where a store must not pass a later load.
template <typename T> struct Atomic {
  T value;

  T loadRelaxed() const noexcept { return __atomic_load_n(&value, __ATOMIC_RELAXED); }
  T loadAcquire() const noexcept { return __atomic_load_n(&value, __ATOMIC_ACQUIRE); }
  T loadSequential() const noexcept { return __atomic_load_n(&value, __ATOMIC_SEQ_CST); }
  void storeRelaxed(T next) noexcept { __atomic_store_n(&value, next, __ATOMIC_RELAXED); }
  void storeRelease(T next) noexcept { __atomic_store_n(&value, next, __ATOMIC_RELEASE); }
  T add(T amount) noexcept { return __atomic_fetch_add(&value, amount, __ATOMIC_SEQ_CST); }
  T subtract(T amount) noexcept { return __atomic_fetch_sub(&value, amount, __ATOMIC_SEQ_CST); }
  T exchange(T next) noexcept { return __atomic_exchange_n(&value, next, __ATOMIC_SEQ_CST); }
  bool compareExchange(T expected, T next) noexcept {
    return __atomic_compare_exchange_n(&value, &expected, next, /*weak=*/false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
  }
};

} // namespace ingot
#endif
