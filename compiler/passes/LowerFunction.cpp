//===- LowerFunction.cpp - Ops of llm as launches of kernels --------------===//

#include "compiler/passes/LowerFunction.h"

#include "codegen/formats/Format.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <bit>

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

using ::llvm::ArrayRef;
using ::llvm::SmallVector;

static int64_t colsOf(Type type) {
  if (auto quantized = dyn_cast<llm::QuantizedType>(type))
    return quantized.getCols();
  return cast<RankedTensorType>(type).getDimSize(1);
}

static int64_t rowBlocks(int64_t rows) { return ::llvm::divideCeilSigned(rows, kRowBlock); }
static int64_t padded(int64_t rows) { return rowBlocks(rows) * kRowBlock; }

FlatSymbolRefAttr LoweringContext::kernel(const KernelSpec &spec, Location loc) {
  FlatSymbolRefAttr &symbol = kernels[spec];
  if (!symbol) {
    // The symbol of the kernel without prefix and level.
    std::string name = kernelSymbol(spec, "");
    StringRef trimmed = name;
    trimmed.consume_front("ingot_k_");
    trimmed = trimmed.rtrim('_');
    OpBuilder builder(model.getContext());
    builder.setInsertionPointToEnd(&model.getBody().front());
    SmallVector<NamedAttribute> params;
    for (auto &[key, value] : spec.params)
      params.push_back(builder.getNamedAttr(key, builder.getI64IntegerAttr(value)));
    KernelOp::create(builder, loc, trimmed, spec.algorithm, builder.getDictionaryAttr(params));
    symbol = FlatSymbolRefAttr::get(model.getContext(), trimmed);
  }
  return symbol;
}

//===----------------------------------------------------------------------===//
// Buffers and launches
//===----------------------------------------------------------------------===//

Value FunctionLowering::makeBuffer(StringRef name, int64_t rows, int64_t cols, Type element,
                                   Space space, Location loc) {
  auto type = BufferType::get(builder.getContext(), {rows, cols}, element, space);
  return BufferOp::create(builder, loc, type, name, IntegerAttr()).getResult();
}

FunctionLowering::Buffers FunctionLowering::makeResult(StringRef name, Value value, Space space) {
  Location loc = value.getLoc();
  int64_t cols = colsOf(value.getType());
  Type f32 = builder.getF32Type();
  Buffers &result = buffers[value];
  if (auto quantized = dyn_cast<llm::QuantizedType>(value.getType())) {
    int64_t groups = quantized.getScales();
    result = {makeBuffer((name + "_q").str(), maxRows, cols, builder.getI8Type(), space, loc),
              makeBuffer((name + "_scale").str(), maxRows, groups, f32, space, loc),
              makeBuffer((name + "_sum").str(), maxRows, groups, f32, space, loc)};
  } else {
    result = {makeBuffer(name, maxRows, cols, f32, space, loc)};
  }
  return result;
}

SplitAttr FunctionLowering::wholeSplit() {
  return maxRows == 1 ? SplitAttr::everyone(builder.getContext())
                      : SplitAttr::tokens(builder.getContext());
}

Value FunctionLowering::address(FlatSymbolRefAttr symbol, Location loc) {
  return AddressOp::create(builder, loc, ImageType::get(builder.getContext()), symbol).getResult();
}

void FunctionLowering::launch(const KernelSpec &spec, SplitAttr split, ValueRange ins,
                              ValueRange outs, ArrayRef<Access> access, Location loc) {
  SmallVector<int32_t> values;
  for (Access one : access)
    values.push_back(static_cast<int32_t>(one));
  LaunchOp::create(builder, loc, shared.kernel(spec, loc).getValue(), split, ins, outs, values);
}

void FunctionLowering::launchRows(KernelSpec spec, ArrayRef<Value> ins, Value result,
                                  StringRef name, Location loc) {
  Buffers outs = makeResult(name, result, wholeSpace());
  SmallVector<Access> access;
  for (Value in : ins)
    access.push_back(isa<ImageType>(in.getType()) ? Access::all : wholeAccess());
  access.append(outs.size(), wholeAccess());
  launch(spec, wholeSplit(), ins, outs, access, loc);
}

//===----------------------------------------------------------------------===//
// One op each
//===----------------------------------------------------------------------===//

LogicalResult FunctionLowering::lower(Operation *op) {
  return ::llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](llm::RmsNormOp norm) { return lowerNorm(norm); })
      .Case([&](llm::QuantizeOp quantize) { return lowerQuantize(quantize); })
      .Case([&](llm::LinearOp linear) { return lowerLinear(linear); })
      .Case([&](llm::LogitsOp logits) { return lowerLogits(logits); })
      .Case([&](llm::SwigluInterleavedOp swiglu) { return lowerSwiglu(swiglu); })
      .Case([&](llm::AttentionOp attention) { return lowerAttention(attention); })
      // Folded into the attention that uses them.
      .Case<llm::SliceOp, llm::RopeOp>([&](Operation *) { return success(); })
      .Default([&](Operation *other) -> LogicalResult {
        return other->emitError(
            "has no kernel of its own: it must be fused before the plan is made");
      });
}

LogicalResult FunctionLowering::lowerNorm(llm::RmsNormOp op) {
  bool quantizes = isa<llm::QuantizedType>(op.getResult().getType());
  auto eps = static_cast<float>(op.getEps().convertToDouble());
  KernelSpec spec{
      quantizes ? "rms_norm_quantize" : "rms_norm",
      {{"cols", colsOf(op.getInput().getType())}, {"eps_bits", std::bit_cast<int32_t>(eps)}}};
  Value weight = address(op.getWeightAttr(), op.getLoc());
  launchRows(spec, {bufferOf(op.getInput()), weight}, op.getResult(), "norm", op.getLoc());
  return success();
}

LogicalResult FunctionLowering::lowerQuantize(llm::QuantizeOp op) {
  KernelSpec spec{op.getResult().getType().isTokenWise() ? "quantize_token" : "quantize",
                  {{"cols", colsOf(op.getInput().getType())}}};
  launchRows(spec, {bufferOf(op.getInput())}, op.getResult(), "x", op.getLoc());
  return success();
}

LogicalResult FunctionLowering::launchProduct(Operation *op, Value input, FlatSymbolRefAttr weight,
                                              Value output, bool add, SplitAttr split) {
  auto type = cast<llm::WeightType>(shared.model.lookupSymbol<plan::WeightOp>(weight).getType());
  auto quantized = dyn_cast<llm::QuantizedType>(input.getType());
  if (bool(quantized) != type.isQuantized())
    return op->emitError("multiplies floats with the quantised weight '")
           << weight.getValue() << "': run llm-quantize-activations first";
  std::string activation = !quantized ? "f32_" : quantized.isTokenWise() ? "i8t_" : "i8_";
  KernelSpec spec{(maxRows == 1 ? "matvec_" : "matmat_") + activation + type.getFormat().str(),
                  {{"rows", type.getRows()}, {"cols", type.getCols()}}};
  if (add)
    spec.params["add"] = 1;
  if (hasFewRows())
    spec.params["most"] = maxRows;
  SmallVector<Value> ins(buffers.lookup(input));
  ins.push_back(address(weight, op->getLoc()));
  SmallVector<Access> access(ins.size(), Access::all);
  access.push_back(Access::own);
  launch(spec, split, ins, {output}, access, op->getLoc());
  return success();
}

LogicalResult FunctionLowering::lowerLogits(llm::LogitsOp op) {
  Location loc = op.getLoc();
  int64_t vocab = colsOf(op.getResult().getType());
  Type f32 = builder.getF32Type();
  auto split = SplitAttr::ofUnits(builder.getContext(), rowBlocks(vocab));
  Value logits = makeBuffer("logits", maxRows, vocab, f32, Space::logits, loc);
  buffers[op.getResult()] = {logits};
  if (padded(vocab) == vocab)
    return launchProduct(op, op.getInput(), op.getWeightAttr(), logits, /*add=*/false, split);
  // The kernel writes whole row blocks, the caller's rows end earlier.
  Value wide = makeBuffer("padded_logits", maxRows, padded(vocab), f32, Space::shared, loc);
  if (failed(launchProduct(op, op.getInput(), op.getWeightAttr(), wide, /*add=*/false, split)))
    return failure();
  CopyOp::create(builder, loc, wide, logits, split, /*accumulate=*/false);
  return success();
}

LogicalResult FunctionLowering::lowerSwiglu(llm::SwigluInterleavedOp op) {
  bool quantizes = isa<llm::QuantizedType>(op.getResult().getType());
  int64_t features = colsOf(op.getResult().getType()), group = op.getGroup();
  KernelSpec spec{quantizes ? "swiglu_quantize" : "swiglu",
                  {{"features", features}, {"group", group}}};
  Buffers outs;
  if (quantizes) // from where the kernel quantises them
    outs = {
        makeBuffer("gated", maxRows, features, builder.getF32Type(), Space::shared, op.getLoc())};
  outs.append(makeResult("act", op.getResult(), Space::shared));
  SmallVector<Access> access(1 + outs.size(), Access::own);
  auto split = SplitAttr::ofUnits(builder.getContext(), ::llvm::divideCeilSigned(features, group));
  launch(spec, split, {bufferOf(op.getInput())}, outs, access, op.getLoc());
  return success();
}
