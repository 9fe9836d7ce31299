//===- Kernel.h - What a kernel is, without Halide ------------------------===//
//
// A kernel is one algorithm at one shape: `matvec_i8_q4_1` with rows=1536,
// cols=576. The plan names it, the emitter calls it, `ingot-kernel` compiles
// it in a child process. This header is all that anybody but codegen/kernels
// and targets/*/schedules has to know, so it holds no Halide.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_CODEGEN_KERNEL_H
#define INGOT_CODEGEN_KERNEL_H

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ingot {

/// Element type of a kernel's buffer.
enum class KernelType : uint8_t { I8, U8, I32, F16, F32 };

/// One argument of a kernel, in call order: first the scalars (all int32),
/// then the inputs, then the outputs.
struct KernelArg {
  enum class Kind : uint8_t {
    Scalar, ///< int32. The name says what the caller passes; see below.
    Input,  ///< buffer that is read
    Output, ///< buffer that is written (an output may also be read: `add`)
  };
  Kind kind;
  std::string name;
  KernelType type = KernelType::F32;
  /// Extents, innermost first; kDynamic stands for an extent the kernel does
  /// not depend on (token rows, KV capacity), which the caller knows.
  std::vector<int64_t> extents;
  /// Several inputs may be views of one matrix: every input whose name begins
  /// with "weights" gets the address of the matrix's packed image plus this
  /// many bytes. Zero for everything else.
  int64_t byteOffset = 0;

  static constexpr int64_t kDynamic = -1;
};

// Of a buffer a kernel reads `host` and nothing else: minima are zero, strides
// and every extent it needs are compiled in (dense, innermost first, for all
// but the views of weights; an outermost kDynamic extent is never needed). A
// caller may therefore leave `dim` null.

// The closed vocabulary of scalar names; the emitter knows how to fill each:
//   begin, end   the caller's share, in units of the kernel's partition
//   rows         token rows in this step
//   position     position of row 0
//   context      positions valid for the row or rows at hand
//   head, block, row   coordinates of an attention item

/// An algorithm and its static parameters. Keys are algorithm-specific and
/// documented in the algorithm's header; `std::map` keeps them sorted, so the
/// symbol is deterministic.
struct KernelSpec {
  std::string algorithm;                 ///< "matvec_i8_q4_1"
  std::map<std::string, int64_t> params; ///< {"cols", 576}, {"rows", 1536}

  bool operator==(const KernelSpec &) const = default;
  auto operator<=>(const KernelSpec &) const = default;
};

/// What a caller must know of a kernel.
struct KernelSignature {
  std::vector<KernelArg> args;
};

/// The symbol of `spec` at `level`: ingot_k_matvec_i8_q4_1_1536x576_avx512vnni
/// (rows and cols first, other parameters as _name<value>).
std::string kernelSymbol(const KernelSpec &spec, std::string_view level);

/// The signature of `spec`, or nullopt with a sentence in `error` when the
/// algorithm is unknown or a parameter is missing or out of range.
std::optional<KernelSignature> kernelSignature(const KernelSpec &spec, std::string &error);

/// Names of all algorithms, sorted.
std::vector<std::string> kernelAlgorithms();

} // namespace ingot

#endif // INGOT_CODEGEN_KERNEL_H
