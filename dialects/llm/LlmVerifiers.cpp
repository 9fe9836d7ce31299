//===- LlmVerifiers.cpp - What ODS cannot say -----------------------------===//
//
// Labels are those of docs/spec/llm-dialect.md.
//
//===----------------------------------------------------------------------===//

#include "dialects/llm/Llm.h"

using namespace mlir;
using namespace ingot::llm;

/// Columns of rows of activations, float or quantised.
static int64_t colsOf(Type type) {
  if (auto quantized = dyn_cast<QuantizedType>(type))
    return quantized.getCols();
  return cast<RankedTensorType>(type).getDimSize(1);
}

/// The weight `symbol`, or null after an error.
static WeightOp lookupWeight(Operation *op, FlatSymbolRefAttr symbol,
                             SymbolTableCollection &symbols) {
  auto weight = symbols.lookupNearestSymbolFrom<WeightOp>(op, symbol);
  if (!weight)
    op->emitOpError("names the weight '") << symbol.getValue() << "', which does not exist";
  return weight;
}

/// W [rows of the result, columns of the input].
static LogicalResult checkProduct(Operation *op, FlatSymbolRefAttr symbol, Type input, Type result,
                                  SymbolTableCollection &symbols) {
  WeightOp weight = lookupWeight(op, symbol, symbols); // linear_c1, logits_c1
  if (!weight)
    return failure();
  WeightType type = weight.getWeightType();
  if (type.isVector() || type.getCols() != colsOf(input) || type.getRows() != colsOf(result))
    return op->emitOpError("maps ") << colsOf(input) << " columns to " << colsOf(result) << " with "
                                    << type;            // linear_c2, logits_c2
  if (isa<QuantizedType>(input) && !type.isQuantized()) // linear_c3, logits_c3
    return op->emitOpError("has a quantised input, but the weight's format '")
           << type.getFormat() << "' takes floats";
  auto quantized = dyn_cast<QuantizedType>(input);
  if (quantized && quantized.isTokenWise() && !type.takesTokenScale()) // linear_c5, logits_c4
    return op->emitOpError("has an input of one scale a token, but the weight's format '")
           << type.getFormat() << "' takes groups of " << QuantizedType::kGroup;
  return success();
}

//===----------------------------------------------------------------------===//
// Symbols
//===----------------------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  WeightType type = getWeightType();
  if (getSources().empty()) // weight_c1
    return emitOpError("has no source");
  if (type.isVector() && (getSources().size() > 1 || getInterleave() ||
                          cast<SourceAttr>(getSources()[0]).getRopeInterleave())) // weight_c5
    return emitOpError("is a vector, expected one source in its own order");
  int64_t interleave = getInterleave();
  if (interleave < 0 || interleave > SourceAttr::kMaxExtent) // weight_c3
    return emitOpError("'interleave' is ")
           << interleave << ", expected 0 to " << SourceAttr::kMaxExtent;
  int64_t rows = 0, turns = 0;
  for (Attribute attribute : getSources()) {
    auto source = cast<SourceAttr>(attribute);
    if (source.getCols() != type.getCols()) // weight_c2
      return emitOpError("has ") << type.getCols() << " columns, but source '" << source.getTensor()
                                 << "' has " << source.getCols();
    rows += source.getRows();
    if (interleave > 0)
      turns = std::max(turns, ::llvm::divideCeilSigned(source.getRows(), interleave));
  }
  if (interleave > 0)
    rows = turns * interleave * getSources().size();
  if (rows != type.getRows()) // weight_c4
    return emitOpError("has ") << type.getRows() << " rows, but its sources make " << rows;
  return success();
}

LogicalResult BlockOp::verifyRegions() {
  auto arguments = getBody().getArgumentTypes();
  if (arguments.size() != 2 || !isa<RankedTensorType>(arguments[0]) ||
      !isa<KvSlotType>(arguments[1])) // block_c1
    return emitOpError("takes other arguments than the residual stream and a KV slot");
  auto result = cast<ReturnOp>(getBody().front().getTerminator());
  if (!result.getValue() || result.getValue().getType() != arguments[0]) // block_c2
    return emitOpError("does not return the residual stream's type ") << arguments[0];
  if (::llvm::range_size(getBody().getOps<AttentionOp>()) > 1) // block_c3
    return emitOpError("has more than one attention, but one KV slot");
  return success();
}

LogicalResult ForwardOp::verifyRegions() {
  auto arguments = getBody().getArgumentTypes();
  auto tokens = arguments.size() == 1 ? dyn_cast<RankedTensorType>(arguments[0]) : nullptr;
  if (!tokens || tokens.getRank() != 1 || !tokens.getElementType().isInteger(32)) // forward_c1
    return emitOpError("takes other arguments than the token ids");
  auto result = cast<ReturnOp>(getBody().front().getTerminator());
  if (!result.getValue() || !result.getValue().getDefiningOp<LogitsOp>()) // forward_c2
    return emitOpError("does not return logits");
  ::llvm::SmallDenseSet<int64_t> slots;
  for (CallOp call : getBody().getOps<CallOp>())
    if (!slots.insert(call.getSlot()).second) // forward_c3
      return call.emitOpError("uses slot ") << call.getSlot() << ", which another run has";
  return success();
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto block = symbols.lookupNearestSymbolFrom<BlockOp>(*this, getBlockAttr());
  if (!block) // call_c1
    return emitOpError("calls the block '") << getBlock() << "', which does not exist";
  if (block.getBody().getArgument(0).getType() != getInput().getType()) // call_c2
    return emitOpError("passes ") << getInput().getType() << " to a block of "
                                  << block.getBody().getArgument(0).getType();
  return success();
}

//===----------------------------------------------------------------------===//
// Ops with weights
//===----------------------------------------------------------------------===//

LogicalResult EmbeddingOp::verifySymbolUses(SymbolTableCollection &symbols) {
  WeightOp weight = lookupWeight(*this, getWeightAttr(), symbols); // embedding_c1
  if (!weight)
    return failure();
  WeightType type = weight.getWeightType();
  if (type.isVector() || type.getCols() != colsOf(getResult().getType())) // embedding_c2
    return emitOpError("makes rows of ")
           << colsOf(getResult().getType()) << " columns from " << type;
  return success();
}

LogicalResult LogitsOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return checkProduct(*this, getWeightAttr(), getInput().getType(), getResult().getType(), symbols);
}

LogicalResult LinearOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (getResidual() && getResidual().getType() != getResult().getType()) // linear_c4
    return emitOpError("adds ") << getResidual().getType() << " to " << getResult().getType();
  return checkProduct(*this, getWeightAttr(), getInput().getType(), getResult().getType(), symbols);
}

LogicalResult RmsNormOp::verifySymbolUses(SymbolTableCollection &symbols) {
  WeightOp weight = lookupWeight(*this, getWeightAttr(), symbols); // rms_norm_c1
  if (!weight)
    return failure();
  WeightType type = weight.getWeightType();
  int64_t cols = colsOf(getInput().getType());
  if (!type.isVector() || type.getRows() != cols) // rms_norm_c2
    return emitOpError("scales ") << cols << " columns with " << type;
  if (colsOf(getResult().getType()) != cols) // rms_norm_c3
    return emitOpError("makes ") << colsOf(getResult().getType()) << " columns of " << cols;
  return success();
}

//===----------------------------------------------------------------------===//
// The rest
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::verify() {
  int64_t begin = getBegin();
  int64_t in = colsOf(getInput().getType()), out = colsOf(getResult().getType());
  if (out > in || begin > in - out) // slice_c1
    return emitOpError("takes ") << out << " columns from column " << begin << " of " << in;
  return success();
}

LogicalResult RopeOp::verify() {
  int64_t headDim = getHeadDim();
  if (headDim % 2) // rope_c1
    return emitOpError("'head_dim' is ") << headDim << ", expected an even number";
  if (colsOf(getInput().getType()) % headDim) // rope_c2
    return emitOpError("has ") << colsOf(getInput().getType())
                               << " columns, expected a multiple of 'head_dim' (" << headDim << ")";
  if (!(getTheta().convertToDouble() > 0)) // rope_c3
    return emitOpError("'theta' is not positive");
  return success();
}

LogicalResult AttentionOp::verify() {
  int64_t heads = getHeads(), kvHeads = getKvHeads(), headDim = getHeadDim();
  if (heads % kvHeads) // attention_c1
    return emitOpError("'kv_heads' is ")
           << kvHeads << ", expected a divisor of 'heads' (" << heads << ")";
  if (colsOf(getQuery().getType()) != heads * headDim) // attention_c2
    return emitOpError("has ") << colsOf(getQuery().getType()) << " query columns, expected "
                               << heads * headDim;
  if (colsOf(getKey().getType()) != kvHeads * headDim) // attention_c3
    return emitOpError("has ") << colsOf(getKey().getType()) << " key and value columns, expected "
                               << kvHeads * headDim;
  return success();
}

LogicalResult SwigluInterleavedOp::verify() {
  int64_t group = getGroup();
  int64_t in = colsOf(getInput().getType()), out = colsOf(getResult().getType());
  if (::llvm::divideCeilSigned(out, group) * group * 2 != in) // swiglu_interleaved_c1
    return emitOpError("has ") << in << " columns, expected " << out
                               << " of gate and up in turns of " << group;
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (colsOf(getInput().getType()) != getResult().getType().getCols()) // quantize_c1
    return emitOpError("makes ") << getResult().getType().getCols() << " columns of "
                                 << colsOf(getInput().getType());
  return success();
}
