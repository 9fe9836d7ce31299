//===- Numbers.h - Numbers as text, independent of the locale -------------===//
#ifndef INGOT_COMPILER_IMPORT_NUMBERS_H
#define INGOT_COMPILER_IMPORT_NUMBERS_H

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"

#include <charconv>
#include <optional>
#include <string>

namespace ingot {

/// All of `text` as a decimal integer of type T, if it is one and fits.
template <typename T> std::optional<T> parseInteger(llvm::StringRef text) {
  T value = 0;
  auto [end, failed] = std::from_chars(text.begin(), text.end(), value);
  if (failed != std::errc() || end != text.end())
    return std::nullopt;
  return value;
}

/// `number` as "0x80".
inline std::string printHex(uint64_t number) {
  return "0x" + llvm::utohexstr(number, /*LowerCase=*/true);
}

/// All of `text` as a finite number.
inline std::optional<double> parseDouble(llvm::StringRef text) {
  double value = 0;
  auto [end, failed] = std::from_chars(text.begin(), text.end(), value);
  bool letters = text.contains_insensitive('n'); // "inf" and "nan" are numbers to from_chars
  if (failed != std::errc() || end != text.end() || letters)
    return std::nullopt;
  return value;
}

/// The shortest decimal that reads back as `value`, always with a point: a
/// reader of YAML 1.1 takes "1e-05" for a string.
inline std::string printDouble(double value) {
  char buffer[64];
  bool readable = value >= 1e-3 && value < 1e15;
  auto [end, failed] =
      std::to_chars(buffer, buffer + sizeof(buffer), value,
                    readable ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, end);
  if (text.find_first_of(".n") != std::string::npos) // a point, "inf" or "nan"
    return text;
  return text.insert(std::min(text.find('e'), text.size()), ".0");
}

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_NUMBERS_H
