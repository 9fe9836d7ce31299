#include "compiler/import/WeightSource.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;

llvm::StringRef ingot::tensorTypeName(TensorType type) {
  static constexpr llvm::StringRef names[] = {"f32", "f16", "bf16", "q4_0", "q4_1", "q8_0"};
  return names[size_t(type)];
}

const TensorView *WeightSource::find(llvm::StringRef canonicalName) const {
  llvm::ArrayRef<TensorView> all = tensors();
  auto at = llvm::find_if(all, [&](const TensorView &view) { return view.name == canonicalName; });
  return at == all.end() ? nullptr : at;
}
