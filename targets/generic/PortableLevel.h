//===- PortableLevel.h - Kernels as C++, for any compiler -----------------===//
//
// What holds of every level whose kernels are Halide's C++. Halide wants the
// name of some machine; of its sources nothing depends on it. Lanes become plain
// loops, so the vector is as long as a row block, which is one loop, and
// registers are the business of the compiler that comes after. Sums of four
// products are the form with the fewest stages. Where the machine has fused
// multiply-adds, the order of roundings stays the source's.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TARGETS_GENERIC_PORTABLELEVEL_H
#define INGOT_TARGETS_GENERIC_PORTABLELEVEL_H

#include "codegen/Target.h"

namespace ingot {

/// The level called `name`, usable where `usableHere` says so, run on
/// `emulatedCpu` elsewhere.
constexpr Level portableLevel(std::string_view name, bool (*usableHere)(),
                              std::string_view emulatedCpu = {}) {
  return {
      .name = name,
      .halideTarget = "x86-64-linux",
      .vectorBits = 512,
      .vectorRegisters = 32,
      .dot = DotForm::Quads32,
      .fma = false,
      .floatTile = 4,
      .byteTile = 4,
      .clangFlags = {},
      .usableSymbol = "",
      .usableHere = usableHere,
      .emulatedCpu = emulatedCpu,
  };
}

} // namespace ingot

#endif // INGOT_TARGETS_GENERIC_PORTABLELEVEL_H
