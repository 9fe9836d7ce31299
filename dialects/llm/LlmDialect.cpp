//===- LlmDialect.cpp - Types, attributes and registration ----------------===//

#include "dialects/llm/Llm.h"

#include "codegen/formats/Format.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ingot;
using namespace ingot::llm;

// The dialect is called llm; LLVM's namespace is spelled from the root.
#include "dialects/llm/LlmDialect.cpp.inc"
#include "dialects/llm/LlmEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/llm/LlmAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/llm/LlmTypes.cpp.inc"

void LlmDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/llm/LlmAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/llm/LlmTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/llm/LlmOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// #llm.source
//===----------------------------------------------------------------------===//

LogicalResult SourceAttr::verify(::llvm::function_ref<InFlightDiagnostic()> emitError,
                                 StringRef tensor, int64_t rows, int64_t cols,
                                 int64_t ropeInterleave) {
  if (tensor.empty()) // source_c1
    return emitError() << "a source needs the name of a tensor";
  if (rows <= 0 || cols <= 0 || rows > kMaxExtent || cols > kMaxExtent) // source_c2
    return emitError() << "source '" << tensor << "' is " << rows << " x " << cols
                       << ", expected extents of 1 to " << kMaxExtent;
  if (ropeInterleave < 0 || ropeInterleave % 2 || (ropeInterleave && rows % ropeInterleave))
    return emitError() << "'rope_interleave' is " << ropeInterleave // source_c3
                       << ", expected an even divisor of the rows (" << rows << ")";
  return success();
}

int64_t SourceAttr::sourceRow(int64_t row) const {
  int64_t headDim = getRopeInterleave();
  if (!headDim)
    return row;
  int64_t head = row / headDim, pair = row % headDim / 2, half = row % 2;
  return head * headDim + half * (headDim / 2) + pair;
}

//===----------------------------------------------------------------------===//
// !llm.weight<1536x576xq4_1>, !llm.quantized<576>
//===----------------------------------------------------------------------===//

Type WeightType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  StringRef format;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseKeyword(&format) || parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(loc); }, parser.getContext(), shape, format);
}

void WeightType::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  printer << 'x' << getFormat() << '>';
}

LogicalResult WeightType::verify(::llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, StringRef format) {
  if (shape.empty() || shape.size() > 2) // weight_type_c1
    return emitError() << "a weight has " << shape.size() << " extents, expected 1 or 2";
  for (int64_t extent : shape)
    if (extent <= 0 || extent > SourceAttr::kMaxExtent) // weight_type_c2
      return emitError() << "extent " << extent << " is out of range, expected 1 to "
                         << SourceAttr::kMaxExtent;
  const Format *found = findFormat(format);
  if (!found) // weight_type_c3
    return emitError() << "unknown weight format '" << format << "'";
  if (shape.back() % found->group()) // weight_type_c4
    return emitError() << "a row has " << shape.back() << " columns, expected a multiple of "
                       << found->group() << " for '" << format << "'";
  return success();
}

bool WeightType::isQuantized() const { return findFormat(getFormat())->quantized(); }

bool WeightType::takesTokenScale() const {
  const GroupLayout &layout = findFormat(getFormat())->layout();
  return layout.rowScale && layout.scaleOffset < 0;
}

LogicalResult QuantizedType::verify(::llvm::function_ref<InFlightDiagnostic()> emitError,
                                    int64_t cols, int64_t group) {
  if (cols <= 0 || cols > SourceAttr::kMaxExtent || cols % kGroup) // quantized_type_c1
    return emitError() << "quantised rows have " << cols << " columns, expected a multiple of "
                       << kGroup;
  if (group != kGroup && group != cols) // quantized_type_c2
    return emitError() << "quantised rows have groups of " << group << " columns, expected "
                       << kGroup << " or all " << cols;
  return success();
}
