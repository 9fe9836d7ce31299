//===- Variants.h - Products under test: formats and activations ----------===//
#ifndef INGOT_TEST_KERNELS_VARIANTS_H
#define INGOT_TEST_KERNELS_VARIANTS_H

#include "codegen/Kernel.h"
#include "codegen/kernels/ProductSpec.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ingot::test {

/// A weight format and an encoding of the activations that there is a kernel for.
struct Variant {
  const Format *format;
  Activation activation;

  /// What follows "matvec_" in the algorithm's name.
  std::string name() const {
    const char *words[] = {"f32", "i8", "i8t"};
    return words[int(activation)] + ("_" + std::string(format->name()));
  }
};

inline std::vector<Variant> variants() {
  const std::vector<std::string> known = kernelAlgorithms();
  std::vector<Variant> list;
  for (const Format *format : formats())
    for (Activation activation : {Activation::F32, Activation::I8, Activation::I8T}) {
      const Variant variant = {format, activation};
      if (std::ranges::count(known, "matvec_" + variant.name()))
        list.push_back(variant);
    }
  return list;
}

/// How many inputs of a product are views of its weights.
inline size_t weightViews(const Format &format) {
  const std::vector<KernelArg> args = productArgs(format, Activation::I8, kRowBlock, 64, 1);
  return std::ranges::count_if(
      args, [](const KernelArg &arg) { return arg.name.starts_with("weights"); });
}

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_VARIANTS_H
