#include "compiler/import/WeightSource.h"

#include "codegen/formats/Format.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

using namespace ingot;

static constexpr llvm::StringRef kNames[] = {"f32",  "f16",  "bf16", "q4_0",
                                             "q4_1", "q8_0", "q4r",  "q8r"};

llvm::StringRef ingot::tensorTypeName(TensorType type) { return kNames[size_t(type)]; }

std::optional<TensorType> ingot::tensorTypeFromName(llvm::StringRef name) {
  const auto *at = llvm::find(kNames, name);
  if (at == std::end(kNames))
    return std::nullopt;
  return TensorType(at - std::begin(kNames));
}

void ingot::readTensorRow(const TensorView &tensor, int64_t row, int64_t cols, float *out) {
  if (const Format *format = findFormat(std::string_view(tensorTypeName(tensor.type)))) {
    format->dequantizeRow(tensor.bytes.data() + size_t(row) * format->sourceRowBytes(cols), cols,
                          out);
    return;
  }
  // bf16, the one type that is no format: the upper half of a float.
  for (int64_t c = 0; c < cols; ++c) {
    const uint16_t half =
        llvm::support::endian::read16le(tensor.bytes.data() + 2 * (row * cols + c));
    out[c] = llvm::bit_cast<float>(uint32_t(half) << 16);
  }
}

const TensorView *WeightSource::find(llvm::StringRef canonicalName) const {
  llvm::ArrayRef<TensorView> all = tensors();
  auto at = llvm::find_if(all, [&](const TensorView &view) { return view.name == canonicalName; });
  return at == all.end() ? nullptr : at;
}
