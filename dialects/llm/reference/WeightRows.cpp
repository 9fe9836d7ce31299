//===- WeightRows.cpp - The numbers of an llm.weight ----------------------===//

#include "dialects/llm/reference/WeightRows.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;
using namespace ingot::reference;

static llvm::Error problem(llm::WeightOp weight, const llvm::Twine &what) {
  return llvm::createStringError("weight '" + llvm::Twine(weight.getSymName()) + "' " + what);
}

llvm::Expected<WeightRows> WeightRows::open(llm::WeightOp weight, const WeightSource &source) {
  llm::WeightType type = weight.getWeightType();
  WeightRows result(source);
  // A vector is stored as one row.
  result.rowCount = type.isVector() ? 1 : type.getRows();
  result.colCount = type.isVector() ? type.getRows() : type.getCols();
  result.interleave = weight.getInterleave();
  for (mlir::Attribute attribute : weight.getSources()) {
    auto part = llvm::cast<llm::SourceAttr>(attribute);
    const TensorView *tensor = source.find(part.getTensor());
    if (!tensor)
      return problem(weight, "needs the tensor '" + part.getTensor() + "', which '" +
                                 source.path() + "' does not have");
    result.parts.push_back({part, tensor});
    const int64_t cols = type.isVector() ? 1 : part.getCols();
    int64_t extent = 1;
    for (int64_t size : tensor->shape)
      extent *= size;
    if (tensor->shape.empty() || tensor->shape[0] != part.getRows() ||
        extent != part.getRows() * cols || (type.isVector() && weight.getSources().size() > 1))
      return problem(weight,
                     "is made of another shape than the tensor '" + part.getTensor() + "' has");
    llvm::StringRef found = tensorTypeName(tensor->type);
    if (found != type.getFormat() && type.getFormat() != "f32")
      return problem(weight, "is " + type.getFormat() + ", but the tensor '" + part.getTensor() +
                                 "' is " + found);
  }
  return result;
}

WeightRows::~WeightRows() {
  for (const Part &part : parts)
    source->release(*part.tensor);
}

void WeightRows::read(int64_t row, float *out) const {
  const Part *part = &parts.front();
  if (interleave) {
    const int64_t turn = interleave * int64_t(parts.size());
    part = &parts[size_t(row % turn / interleave)];
    row = row / turn * interleave + row % interleave;
    if (row >= part->source.getRows()) {
      std::fill_n(out, colCount, 0.0f);
      return;
    }
  } else {
    for (; parts.size() > 1 && row >= part->source.getRows(); ++part)
      row -= part->source.getRows();
  }
  readTensorRow(*part->tensor, part->source.sourceRow(row), colCount, out);
}
