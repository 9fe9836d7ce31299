#include "compiler/import/CheckTensors.h"

#include "compiler/import/ImportError.h"
#include "compiler/import/TensorNames.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace ingot;
using llvm::Error;
using llvm::StringRef;
using llvm::Twine;

template <typename Extents, typename Print>
static std::string printShape(const Extents &extents, Print print) {
  std::string text = "[";
  for (size_t i = 0; i < extents.size(); ++i)
    text += (i == 0 ? "" : ", ") + std::to_string(print(extents[i]));
  return text + "]";
}

static std::string printShape(const TensorView &view) {
  return printShape(view.shape, [](int64_t extent) { return extent; });
}

static std::string printShape(const ExpectedTensor &tensor) {
  return printShape(tensor.extents, [](const ExpectedExtent &extent) { return extent.value; });
}

static bool isFloat(TensorType type) {
  return type == TensorType::F32 || type == TensorType::F16 || type == TensorType::BF16;
}

static Error checkTensor(const ExpectedTensor &expected, const TensorView &view, StringRef file) {
  SourceLocation where{file.str()};
  if (view.shape.size() != expected.extents.size())
    return malformed(where, "tensor " + quoted(view.fileName) + " is " + printShape(view) +
                                ", expected " + printShape(expected));
  for (auto [extent, want] : llvm::zip_equal(view.shape, expected.extents))
    if (extent != want.value)
      return malformed(where, "tensor " + quoted(view.fileName) + " is " + printShape(view) +
                                  ", expected " + printShape(expected) + " from " + want.from);
  if (expected.isNorm() && !isFloat(view.type))
    return unsupported(where, "the norm " + quoted(view.fileName) + " has the type " +
                                  tensorTypeName(view.type) + ", expected f32, f16 or bf16");
  return Error::success();
}

/// Tensors that are in files but not in the computation.
static bool isImplied(const ArchSpec &arch, const TensorView &view) {
  if (arch.tieEmbeddings && view.name == "lm_head.weight")
    return true;
  return view.name == "model.rotary_emb.inv_freq" ||
         (StringRef(view.name).starts_with("model.layers.") &&
          StringRef(view.name).ends_with(".self_attn.rotary_emb.inv_freq"));
}

Error ingot::checkTensors(const ArchSpec &arch, const WeightSource &weights,
                          std::vector<std::string> *warnings) {
  llvm::StringMap<const TensorView *> found;
  bool renamed = false;
  for (const TensorView &view : weights.tensors()) {
    renamed |= view.name != view.fileName;
    if (!found.try_emplace(view.name, &view).second)
      return malformed({weights.path().str()},
                       "tensor " + quoted(view.fileName) + " is there under two names");
  }
  std::vector<ExpectedTensor> all = expectedTensors(arch);
  llvm::StringMap<bool> known;
  for (const ExpectedTensor &expected : all) {
    known[expected.name] = true;
    const TensorView *view = found.lookup(expected.name);
    if (!view)
      return malformed({weights.path().str()},
                       "tensor " +
                           quoted(renamed ? ggufFromCanonical(expected.name) : expected.name) +
                           " is missing, expected " + printShape(expected));
    if (Error error = checkTensor(expected, *view, weights.path()))
      return error;
  }
  for (const TensorView &view : weights.tensors())
    if (!known.contains(view.name) && !isImplied(arch, view))
      return unsupported({weights.path().str()},
                         "tensor " + quoted(view.fileName) + " is not part of this architecture");

  if (const TensorView *head = found.lookup("lm_head.weight");
      head && arch.tieEmbeddings && warnings) {
    const TensorView *embedding = found.lookup("model.embed_tokens.weight");
    if (head->type != embedding->type || head->bytes != embedding->bytes)
      warnings->push_back(
          renderWarning({weights.path().str()}, "tensor " + quoted(head->fileName) +
                                                    " differs from the embedding and is ignored: "
                                                    "'tie_embeddings' is true"));
    weights.release(*head);
    weights.release(*embedding);
  }
  return Error::success();
}
