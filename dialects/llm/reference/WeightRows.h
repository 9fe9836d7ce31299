//===- WeightRows.h - The numbers of an llm.weight ------------------------===//
#ifndef INGOT_DIALECTS_LLM_REFERENCE_WEIGHTROWS_H
#define INGOT_DIALECTS_LLM_REFERENCE_WEIGHTROWS_H

#include "compiler/import/WeightSource.h"
#include "dialects/llm/Llm.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace ingot::reference {

/// The rows of a weight as floats. Tensors of the weight's own format are
/// decoded; for a weight in f32 those of any type are, since that is exact.
/// The tensors are released when the object goes.
class WeightRows {
public:
  static llvm::Expected<WeightRows> open(llm::WeightOp weight, const WeightSource &source);

  WeightRows(WeightRows &&) = default;
  WeightRows &operator=(WeightRows &&) = delete;
  ~WeightRows();

  int64_t rows() const { return rowCount; }
  int64_t cols() const { return colCount; }

  /// Writes row `row`, cols() floats: of a matrix, or row 0, which is all of
  /// it, of a vector. Rows that pad an interleaved weight are zero.
  void read(int64_t row, float *out) const;

private:
  struct Part {
    llm::SourceAttr source;
    const TensorView *tensor;
  };

  explicit WeightRows(const WeightSource &source) : source(&source) {}

  const WeightSource *source;
  std::vector<Part> parts;
  int64_t rowCount = 0, colCount = 0, interleave = 0;
};

} // namespace ingot::reference

#endif // INGOT_DIALECTS_LLM_REFERENCE_WEIGHTROWS_H
