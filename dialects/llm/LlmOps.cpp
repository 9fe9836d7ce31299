//===- LlmOps.cpp - Assembly formats of the llm operations ----------------===//

#include "dialects/llm/Llm.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace ingot::llm;

#define GET_OP_CLASSES
#include "dialects/llm/LlmOps.cpp.inc"

// llm.block @name(%x: type, ...) { ... } and llm.forward alike.

static ParseResult parseFunctionLike(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseSymbolName(name, SymbolTable::getSymbolAttrName(), result.attributes) ||
      parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren, /*allowType=*/true) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  return parser.parseRegion(*result.addRegion(), arguments);
}

static void printFunctionLike(OpAsmPrinter &printer, Operation *op, StringRef name) {
  Region &body = op->getRegion(0);
  printer << ' ';
  printer.printSymbolName(name);
  printer << '(';
  ::llvm::interleaveComma(body.getArguments(), printer,
                          [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ')';
  printer.printOptionalAttrDictWithKeyword(op->getAttrs(), {SymbolTable::getSymbolAttrName()});
  printer << ' ';
  printer.printRegion(body, /*printEntryBlockArgs=*/false);
}

ParseResult BlockOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunctionLike(parser, result);
}
void BlockOp::print(OpAsmPrinter &printer) { printFunctionLike(printer, *this, getSymName()); }

ParseResult ForwardOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseFunctionLike(parser, result);
}
void ForwardOp::print(OpAsmPrinter &printer) { printFunctionLike(printer, *this, getSymName()); }
