//===- Checked.h - Arithmetic on numbers that a file said -----------------===//
//
// Every count, length, offset and dimension that comes out of a file is one of
// these until it has been compared with a limit. Overflow does not wrap: it
// sticks to the result, and the only way back to a plain integer asks for it.
// The bugs that this type is for are the ones in which one multiplication of a
// chain was forgotten, so the check belongs to the type and not to the places.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_CHECKED_H
#define INGOT_COMPILER_IMPORT_CHECKED_H

#include <concepts>
#include <limits>
#include <optional>

namespace ingot {

template <std::unsigned_integral T> class Checked {
public:
  constexpr Checked() = default;

  /// From unsigned types that are no wider: a signed number that is negative
  /// must not become a large one on the way in.
  template <std::unsigned_integral U>
    requires(std::numeric_limits<U>::digits <= std::numeric_limits<T>::digits)
  constexpr Checked(U number) : number(number) {}

  constexpr bool valid() const { return !overflowed; }

  /// The number, unless something on the way to it overflowed.
  constexpr std::optional<T> value() const {
    return overflowed ? std::nullopt : std::optional<T>(number);
  }

  /// The number, if it is one and at most `limit`.
  constexpr std::optional<T> atMost(T limit) const {
    return overflowed || number > limit ? std::nullopt : std::optional<T>(number);
  }

  friend constexpr Checked operator+(Checked a, Checked b) {
    Checked sum;
    sum.overflowed = __builtin_add_overflow(a.number, b.number, &sum.number);
    return sum.inherit(a, b);
  }
  friend constexpr Checked operator-(Checked a, Checked b) {
    Checked difference;
    difference.overflowed = __builtin_sub_overflow(a.number, b.number, &difference.number);
    return difference.inherit(a, b);
  }
  friend constexpr Checked operator*(Checked a, Checked b) {
    Checked product;
    product.overflowed = __builtin_mul_overflow(a.number, b.number, &product.number);
    return product.inherit(a, b);
  }
  constexpr Checked &operator+=(Checked other) { return *this = *this + other; }
  constexpr Checked &operator*=(Checked other) { return *this = *this * other; }

  /// The quotient; invalid when the division is not exact.
  constexpr Checked dividedExactlyBy(Checked divisor) const {
    Checked quotient;
    quotient.overflowed = divisor.number == 0 || number % divisor.number != 0;
    quotient.number = quotient.overflowed ? 0 : number / divisor.number;
    return quotient.inherit(*this, divisor);
  }

  /// The next multiple of `alignment`, a power of two.
  constexpr Checked alignedTo(Checked alignment) const {
    Checked sum = *this + (alignment - Checked(T(1)));
    sum.number &= ~(alignment.number - 1);
    return sum;
  }

private:
  constexpr Checked inherit(Checked a, Checked b) {
    overflowed = overflowed || a.overflowed || b.overflowed;
    return *this;
  }

  T number = 0;
  bool overflowed = false;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_CHECKED_H
