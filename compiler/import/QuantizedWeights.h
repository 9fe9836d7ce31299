//===- QuantizedWeights.h - Weights that the compiler quantises -----------===//
//
// A weight source over another one: the tensors it is told to quantise come out
// in one of the compiler's own formats (q4r, q8r), whatever the file has; all
// others pass through. A tensor is quantised when it is first asked for, by
// several threads row after row, and kept in a file from then on: packing and
// validation ask for it once each, and memory holds one tensor at a time.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_COMPILER_IMPORT_QUANTIZEDWEIGHTS_H
#define INGOT_COMPILER_IMPORT_QUANTIZEDWEIGHTS_H

#include "compiler/import/WeightSource.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <map>

namespace ingot {

/// What quantising a tensor lost.
struct QuantizationError {
  std::string format;  ///< "q4r"
  double relative = 0; ///< root of (squared error / squared values)
  double largest = 0;  ///< absolute error of a value
};

class QuantizedWeights : public WeightSource {
public:
  /// `formats` names the tensors to quantise and into what: formats whose
  /// quantizes() holds. `keepPath` is the file to create and keep rows in; it is
  /// unlinked at once, so that nothing is left of it.
  static llvm::Expected<std::unique_ptr<QuantizedWeights>>
  create(std::unique_ptr<WeightSource> inner, const llvm::StringMap<std::string> &formats,
         const std::string &keepPath, unsigned threads);

  /// The errors of the tensors quantised so far, by canonical name.
  virtual const std::map<std::string, QuantizationError> &errors() const = 0;

  /// Set by find() when the file could not be written or read.
  virtual llvm::Error takeError() const = 0;
};

} // namespace ingot

#endif // INGOT_COMPILER_IMPORT_QUANTIZEDWEIGHTS_H
