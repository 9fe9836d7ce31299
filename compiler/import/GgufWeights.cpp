//===- GgufWeights.cpp - A GGUF file as a source of weights ---------------===//

#include "compiler/import/GgmlTypes.h"
#include "compiler/import/Gguf.h"
#include "compiler/import/ImportError.h"
#include "compiler/import/TensorNames.h"

using namespace ingot;

namespace {

class GgufWeights final : public WeightSource {
public:
  GgufWeights(std::unique_ptr<GgufFile> gguf, std::vector<TensorView> views)
      : gguf(std::move(gguf)), views(std::move(views)) {}

  llvm::StringRef path() const override { return gguf->path(); }
  llvm::ArrayRef<TensorView> tensors() const override { return views; }
  void release(const TensorView &tensor) const override { gguf->mapping().release(tensor.bytes); }

private:
  std::unique_ptr<GgufFile> gguf;
  std::vector<TensorView> views;
};

} // namespace

llvm::Expected<std::unique_ptr<WeightSource>> ingot::weightsFromGguf(std::unique_ptr<GgufFile> gguf,
                                                                     TensorNames names) {
  std::vector<TensorView> views;
  views.reserve(gguf->tensors().size());
  for (const GgufTensor &tensor : gguf->tensors()) {
    const GgmlType *type = findGgmlType(tensor.type); // the parser took known types only
    if (!type->format)
      return unsupported({gguf->path().str()},
                         "tensor " + quoted(tensor.name) + " has the type '" + type->name +
                             "', expected f32, f16, bf16, q4_0, q4_1 or q8_0");
    TensorView &view = views.emplace_back();
    view.fileName = tensor.name.str();
    view.name = names == TensorNames::Gguf ? canonicalFromGguf(tensor.name) : view.fileName;
    view.type = *type->format;
    view.shape = tensor.shape;
    view.bytes = tensor.bytes;
  }
  return std::make_unique<GgufWeights>(std::move(gguf), std::move(views));
}
