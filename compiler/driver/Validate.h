//===- Validate.h - Compiled code against the reference ---------*- C++ -*-===//
#ifndef INGOT_COMPILER_DRIVER_VALIDATE_H
#define INGOT_COMPILER_DRIVER_VALIDATE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ingot {

/// What the reference interpreter says.
class ReferenceLogits {
public:
  virtual ~ReferenceLogits() = default;

  virtual int64_t vocabulary() const = 0;
  virtual int64_t context() const = 0;

  /// Mean KL divergence, in nats, that the arithmetic of the model allows between two right
  /// implementations: rounding alone where weights and activations are floats, the steps of the
  /// activations' quantisation where they are not.
  virtual double klBound() const = 0;

  /// The same after a look at how far rounding alone moves the sequences asked so far, at the price
  /// of running them again: for a divergence beyond klBound().
  virtual llvm::Expected<double> klBoundOfRounding() { return klBound(); }

  /// Logits [ids][vocabulary] of one sequence from an empty cache.
  virtual llvm::Expected<std::vector<float>> logits(llvm::ArrayRef<int32_t> ids) = 0;
};

/// The compiled executable that is asked.
struct CompiledCode {
  struct Level {
    std::string name;
    std::vector<std::string> command; ///< emulator, then the executable
    bool mustRun;                     ///< the emulator has been told to be a machine of the level
  };
  std::vector<Level> levels;          ///< those compiled in
  std::vector<std::string> arguments; ///< behind the verb's own, such as the sidecar
  std::string workFolder;
};

/// Runs `sequences` of ids through both, in chunks and token by token, at every level that runs
/// here, and compares. Exit 4 when they disagree: names level, position and both values. Returns a
/// remark for the log.
llvm::Expected<std::string> validateCompiled(const CompiledCode &code, ReferenceLogits &reference,
                                             llvm::ArrayRef<std::vector<int32_t>> sequences,
                                             int64_t promptLength);

/// Sequences of pseudo-random ids, the same for every compile of a vocabulary.
std::vector<std::vector<int32_t>> validationSequences(int64_t vocabulary, int64_t context,
                                                      int64_t count, int64_t length);

/// How far two rows of logits are apart.
struct LogitsDistance {
  double kl;   ///< KL(reference || compiled) of their distributions, nats
  double nmse; ///< squared error over squared reference
  bool finite; ///< every compiled logit is a number
};
LogitsDistance compareLogits(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> compiled);

/// A NumPy 1.0 file of float32 [rows][columns] as `eval` writes it.
llvm::Expected<std::vector<float>> readNpy(llvm::StringRef path, size_t rows, size_t columns);

} // namespace ingot

#endif // INGOT_COMPILER_DRIVER_VALIDATE_H
