//===- PlanDialect.cpp - Types, attributes and registration ---------------===//

#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ingot::plan;

#include "dialects/plan/PlanDialect.cpp.inc"
#include "dialects/plan/PlanEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/plan/PlanAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/plan/PlanTypes.cpp.inc"

void PlanDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/plan/PlanAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/plan/PlanTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/plan/PlanOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// !plan.buffer<128x576xf32, shared>
//===----------------------------------------------------------------------===//

Type BufferType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  StringRef spaceName;
  SMLoc spaceLoc;
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(element) || parser.parseComma() ||
      failed((spaceLoc = parser.getCurrentLocation(), parser.parseKeyword(&spaceName))) ||
      parser.parseGreater())
    return {};
  std::optional<Space> space = symbolizeSpace(spaceName);
  if (!space) {
    parser.emitError(spaceLoc) << "unknown space '" << spaceName
                               << "', expected shared, scratch, tokens or logits";
    return {};
  }
  return BufferType::getChecked([&] { return parser.emitError(parser.getNameLoc()); },
                                parser.getContext(), shape, element, *space);
}

void BufferType::print(AsmPrinter &printer) const {
  printer << '<';
  printer.printDimensionList(getShape());
  printer << 'x' << getElementType() << ", " << stringifySpace(getSpace()) << '>';
}

LogicalResult BufferType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                                 ArrayRef<int64_t> shape, Type elementType, Space) {
  if (shape.empty())
    return emitError() << "a buffer has at least one extent";
  int64_t elements = 1;
  for (int64_t extent : shape)
    if (extent <= 0 || llvm::MulOverflow(elements, extent, elements))
      return emitError() << "extent " << extent << " is out of range, expected a positive one";
  if (!elementType.isF32() && !elementType.isInteger(8) && !elementType.isInteger(32))
    return emitError() << "element type is " << elementType << ", expected f32, i8 or i32";
  return success();
}

int64_t BufferType::getNumElements() const {
  int64_t elements = 1;
  for (int64_t extent : getShape())
    elements *= extent;
  return elements;
}

int64_t BufferType::getRowElements() const { return getNumElements() / getShape().front(); }

int64_t BufferType::getBytes() const {
  return getNumElements() * (getElementType().getIntOrFloatBitWidth() / 8);
}

//===----------------------------------------------------------------------===//
// #plan.split<units, 60, window = [36, 48], scale = 2>
//===----------------------------------------------------------------------===//

Attribute SplitAttr::parse(AsmParser &parser, Type) {
  StringRef kindName;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseKeyword(&kindName))
    return {};
  std::optional<SplitKind> kind = symbolizeSplitKind(kindName);
  if (!kind) {
    parser.emitError(loc) << "unknown split '" << kindName
                          << "', expected everyone, tokens, units or items";
    return {};
  }
  int64_t units = 0, begin = 0, end = 0, scale = 1;
  if (*kind == SplitKind::units || *kind == SplitKind::items) {
    if (parser.parseComma() || parser.parseInteger(units))
      return {};
    end = units;
  }
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("window"))) {
      if (parser.parseEqual() || parser.parseLSquare() || parser.parseInteger(begin) ||
          parser.parseComma() || parser.parseInteger(end) || parser.parseRSquare())
        return {};
    } else if (parser.parseKeyword("scale") || parser.parseEqual() || parser.parseInteger(scale)) {
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return SplitAttr::getChecked([&] { return parser.emitError(loc); }, parser.getContext(), *kind,
                               units, begin, end, scale);
}

void SplitAttr::print(AsmPrinter &printer) const {
  printer << '<' << stringifySplitKind(getKind());
  if (getKind() == SplitKind::units || getKind() == SplitKind::items)
    printer << ", " << getUnits();
  if (!coversAllUnits())
    printer << ", window = [" << getBegin() << ", " << getEnd() << "]";
  if (getScale() != 1)
    printer << ", scale = " << getScale();
  printer << '>';
}

LogicalResult SplitAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, SplitKind kind,
                                int64_t units, int64_t begin, int64_t end, int64_t scale) {
  bool counted = kind == SplitKind::units || kind == SplitKind::items;
  if (counted && units <= 0)
    return emitError() << "'units' is " << units << ", expected a positive number";
  if (counted && (begin < 0 || begin >= end || end > units))
    return emitError() << "window [" << begin << ", " << end << "] does not lie in [0, " << units
                       << "]";
  if (scale <= 0)
    return emitError() << "'scale' is " << scale << ", expected a positive number";
  return success();
}

SplitAttr SplitAttr::everyone(MLIRContext *context) {
  return get(context, SplitKind::everyone, 0, 0, 0, 1);
}
SplitAttr SplitAttr::tokens(MLIRContext *context) {
  return get(context, SplitKind::tokens, 0, 0, 0, 1);
}
SplitAttr SplitAttr::items(MLIRContext *context, int64_t kvHeads) {
  return get(context, SplitKind::items, kvHeads, 0, kvHeads, 1);
}
SplitAttr SplitAttr::ofUnits(MLIRContext *context, int64_t units, int64_t scale) {
  return get(context, SplitKind::units, units, 0, units, scale);
}
SplitAttr SplitAttr::window(MLIRContext *context, int64_t units, int64_t begin, int64_t end,
                            int64_t scale) {
  return get(context, SplitKind::units, units, begin, end, scale);
}
