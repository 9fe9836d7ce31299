//===- PackImage.cpp - Writing the packed weights -------------------------===//

#include "codegen/emit/PackImage.h"

#include "codegen/formats/Format.h"
#include "dialects/llm/Llm.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/SHA256.h"

#include <vector>

using namespace mlir;

namespace ingot {

namespace {

/// Bytes of rows of one tensor in the encoding of a format, converted where
/// the file has another one.
class SourceRows {
public:
  SourceRows(const TensorView &view, const Format &format, int64_t cols)
      : view(view), format(format), cols(cols),
        direct(tensorTypeName(view.type) == llvm::StringRef(format.name())),
        rowBytes(view.bytes.size() / static_cast<size_t>(view.shape.front())) {
    if (view.shape.size() == 1)
      rowBytes = view.bytes.size();
  }

  /// Row `row`; valid until `slot` is used again.
  const uint8_t *row(int64_t row, std::vector<uint8_t> &slot) const {
    if (direct)
      return view.bytes.data() + rowBytes * static_cast<size_t>(row);
    // To f32, exactly: the only conversion that is left to do here.
    slot.resize(format.sourceRowBytes(cols));
    readTensorRow(view, row, cols, reinterpret_cast<float *>(slot.data()));
    return slot.data();
  }

private:
  const TensorView &view;
  const Format &format;
  int64_t cols;
  bool direct;
  size_t rowBytes;
};

/// Writes the image and hashes what it writes.
class ImageWriter {
public:
  ImageWriter(const WeightSource &weights, llvm::raw_ostream &os,
              llvm::function_ref<void(uint64_t)> progress)
      : weights(weights), os(os), progress(progress) {}

  llvm::Error write(plan::WeightOp weight);
  void padTo(uint64_t offset) {
    static constexpr uint8_t zeros[4096] = {};
    while (written < offset)
      put({zeros, std::min<size_t>(sizeof zeros, offset - written)});
  }
  PackedImage finish() { return {written, hasher.final()}; }

private:
  void put(llvm::ArrayRef<uint8_t> bytes) {
    os.write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    hasher.update(bytes);
    written += bytes.size();
  }

  const WeightSource &weights;
  llvm::raw_ostream &os;
  llvm::function_ref<void(uint64_t)> progress;
  llvm::SHA256 hasher;
  uint64_t written = 0;
};

} // namespace

/// Which row of which source is row `row` of the weight; a source index of -1
/// is padding.
static std::pair<int, int64_t> locateRow(llvm::ArrayRef<llm::SourceAttr> sources,
                                         int64_t interleave, int64_t row) {
  if (interleave) {
    int64_t turn = row / (interleave * static_cast<int64_t>(sources.size()));
    int64_t within = row % (interleave * static_cast<int64_t>(sources.size()));
    int index = static_cast<int>(within / interleave);
    int64_t inSource = turn * interleave + within % interleave;
    if (inSource >= sources[index].getRows())
      return {-1, 0};
    return {index, sources[index].sourceRow(inSource)};
  }
  for (auto [index, source] : llvm::enumerate(sources)) {
    if (row < source.getRows())
      return {static_cast<int>(index), source.sourceRow(row)};
    row -= source.getRows();
  }
  return {-1, 0};
}

llvm::Error ImageWriter::write(plan::WeightOp weight) {
  padTo(*weight.getOffset());
  auto type = cast<llm::WeightType>(weight.getType());
  const Format &format = *findFormat(std::string_view(type.getFormat()));
  int64_t cols = type.isVector() ? type.getRows() : type.getCols();

  std::vector<llm::SourceAttr> sources;
  std::vector<SourceRows> rows;
  std::vector<const TensorView *> views;
  for (Attribute attribute : weight.getSources()) {
    auto source = cast<llm::SourceAttr>(attribute);
    const TensorView *view = weights.find(source.getTensor());
    if (!view)
      return llvm::createStringError("%s: error: tensor '%s' is missing",
                                     weights.path().str().c_str(),
                                     source.getTensor().str().c_str());
    sources.push_back(source);
    views.push_back(view);
    rows.emplace_back(*view, format, cols);
  }

  std::vector<uint8_t> slots[kRowBlock];
  if (type.isVector()) {
    const uint8_t *values = rows.front().row(0, slots[0]);
    put({values, format.sourceRowBytes(cols)});
  } else {
    std::vector<uint8_t> block(format.packedBlockBytes(cols));
    for (int64_t first = 0; first < type.getRows(); first += kRowBlock) {
      const uint8_t *pointers[kRowBlock] = {};
      for (int64_t i = 0; i < kRowBlock && first + i < type.getRows(); ++i) {
        auto [index, row] = locateRow(sources, weight.getInterleave(), first + i);
        if (index >= 0)
          pointers[i] = rows[index].row(row, slots[i]);
      }
      format.packRowBlock(pointers, cols, block.data());
      put(block);
    }
  }
  for (const TensorView *view : views)
    weights.release(*view);
  progress(written);
  return llvm::Error::success();
}

llvm::Expected<PackedImage> packImage(plan::ModelOp model, const WeightSource &weights,
                                      llvm::raw_ostream &os,
                                      llvm::function_ref<void(uint64_t)> progress) {
  ImageWriter writer(weights, os, progress);
  for (plan::WeightOp weight : model.getOps<plan::WeightOp>())
    if (llvm::Error error = writer.write(weight))
      return std::move(error);
  writer.padTo(*model.getImageBytes());
  return writer.finish();
}

} // namespace ingot
