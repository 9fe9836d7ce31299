//===- Registry.h - Signatures of all algorithms, without Halide ----------===//
//
// Algorithms.def is the list. This header is for those who write a family's
// `signatureOf...`; everybody else needs codegen/Kernel.h only.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNELS_REGISTRY_H
#define INGOT_CODEGEN_KERNELS_REGISTRY_H

#include "codegen/Kernel.h"

#include <initializer_list>
#include <set>

namespace ingot {

// signatureOfMatVec(spec, error) and its like: one for each family. They check
// the parameters too, so that a builder may trust them.
#define INGOT_FAMILY(F)                                                                            \
  std::optional<KernelSignature> signatureOf##F(const KernelSpec &spec, std::string &error);
#include "codegen/kernels/Algorithms.def"

/// Reads the parameters of a spec and keeps the first complaint. `finish`
/// also refuses parameters that nobody asked for.
class ParamReader {
public:
  ParamReader(const KernelSpec &spec, std::string &error) : spec(spec), error(error) {}

  /// The value of `name`, which must be there, within [min, max] and a
  /// multiple of `multiple`. Returns `min` after a complaint.
  int64_t required(const std::string &name, int64_t min, int64_t max, int64_t multiple = 1);

  /// The same, or `otherwise` where the spec leaves it out.
  int64_t optional(const std::string &name, int64_t otherwise, int64_t min, int64_t max,
                   int64_t multiple = 1);

  /// True when every parameter was known and in range.
  bool finish();

private:
  void complain(std::string text);

  const KernelSpec &spec;
  std::string &error;
  std::set<std::string> seen;
  bool good = true;
};

// Shorthands for the arguments of a signature.
KernelArg scalarArg(std::string name);
KernelArg inputArg(std::string name, KernelType type, std::initializer_list<int64_t> extents,
                   int64_t byteOffset = 0);
KernelArg outputArg(std::string name, KernelType type, std::initializer_list<int64_t> extents);

/// The largest dimension of a matrix that the kernels take: offsets of
/// elements stay far inside 32 bits per row block.
inline constexpr int64_t kMaxDimension = 1 << 24;

} // namespace ingot

#endif // INGOT_CODEGEN_KERNELS_REGISTRY_H
