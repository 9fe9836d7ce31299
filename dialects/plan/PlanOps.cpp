//===- PlanOps.cpp - Assembly formats of the plan operations --------------===//

#include "dialects/plan/Plan.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace ingot::plan;

/// `[all, own]`: the part of each operand that a thread touches.
static ParseResult parseAccessList(OpAsmParser &parser, DenseI32ArrayAttr &access) {
  SmallVector<int32_t> values;
  auto parseOne = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef word;
    if (parser.parseKeyword(&word))
      return failure();
    std::optional<Access> value = symbolizeAccess(word);
    if (!value)
      return parser.emitError(loc)
             << "unknown access '" << word << "', expected all, own or window";
    values.push_back(static_cast<int32_t>(*value));
    return success();
  };
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Square, parseOne))
    return failure();
  access = parser.getBuilder().getDenseI32ArrayAttr(values);
  return success();
}

static void printAccessList(OpAsmPrinter &printer, LaunchOp, DenseI32ArrayAttr access) {
  printer << '[';
  llvm::interleaveComma(access.asArrayRef(), printer, [&](int32_t value) {
    printer << stringifyAccess(static_cast<Access>(value));
  });
  printer << ']';
}

#define GET_OP_CLASSES
#include "dialects/plan/PlanOps.cpp.inc"

void BufferOp::getAsmResultNames(function_ref<void(Value, StringRef)> setName) {
  setName(getResult(), getName());
}

//===----------------------------------------------------------------------===//
// plan.func @block_0(%h: !plan.buffer<1x576xf32, shared>) max_rows 1 { ... }
//===----------------------------------------------------------------------===//

ParseResult FuncOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  IntegerAttr maxRows;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name), result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren, /*allowType=*/true) ||
      parser.parseKeyword("max_rows") ||
      parser.parseAttribute(maxRows, parser.getBuilder().getI64Type(),
                            getMaxRowsAttrName(result.name), result.attributes))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("entry")))
    result.addAttribute(getEntryAttrName(result.name), parser.getBuilder().getUnitAttr());
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  ensureTerminator(*body, parser.getBuilder(), result.location);
  return success();
}

void FuncOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  printer << '(';
  llvm::interleaveComma(getBody().getArguments(), printer,
                        [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ") max_rows " << getMaxRows();
  if (getEntry())
    printer << " entry";
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(), {getSymNameAttrName(), getMaxRowsAttrName(), getEntryAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}
