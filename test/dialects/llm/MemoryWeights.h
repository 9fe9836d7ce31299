// A source of weights that a test fills.
#ifndef INGOT_TEST_DIALECTS_LLM_MEMORYWEIGHTS_H
#define INGOT_TEST_DIALECTS_LLM_MEMORYWEIGHTS_H

#include "compiler/import/WeightSource.h"

#include <deque>
#include <vector>

namespace ingot::test {

class MemoryWeights : public WeightSource {
public:
  void add(std::string name, TensorType type, llvm::SmallVector<int64_t, 2> shape,
           std::vector<uint8_t> bytes) {
    storage.push_back(std::move(bytes));
    views.push_back({name, name, type, std::move(shape), storage.back()});
  }

  llvm::StringRef path() const override { return "memory"; }
  llvm::ArrayRef<TensorView> tensors() const override { return views; }
  void release(const TensorView &tensor) const override { released.push_back(tensor.name); }

  mutable std::vector<std::string> released;

private:
  std::deque<std::vector<uint8_t>> storage;
  std::vector<TensorView> views;
};

} // namespace ingot::test

#endif // INGOT_TEST_DIALECTS_LLM_MEMORYWEIGHTS_H
