//===- ConvertLlmToPlan.cpp - From what to how ----------------------------===//

#include "compiler/passes/LowerFunction.h"
#include "compiler/passes/Passes.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

namespace ingot {
#define GEN_PASS_DEF_CONVERTLLMTOPLANPASS
#include "compiler/passes/Passes.h.inc"
} // namespace ingot

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

using ::llvm::SmallVector;

namespace {

/// The rotation that all blocks of a model share.
struct Rotation {
  int64_t headDim = 0;
  double theta = 0;
};

/// Lowers one model.
class ModelLowering {
public:
  ModelLowering(llm::ModelOp source, KvKind kvKind, int64_t context)
      : source(source), builder(source.getContext()), kvKind(kvKind), context(context) {}

  LogicalResult run(ArrayRef<int64_t> maxRows);

private:
  LogicalResult createModel();
  LogicalResult findRotation();
  LogicalResult lowerEntry(int64_t maxRows);
  LogicalResult lowerBlock(llm::BlockOp block, StringRef name, int64_t maxRows);
  FuncOp createFunction(StringRef name, int64_t maxRows, bool entry, TypeRange arguments,
                        Location loc);
  BufferType rowsType(int64_t maxRows, int64_t cols);

  llm::ModelOp source;
  OpBuilder builder;
  KvKind kvKind;
  int64_t context;
  llm::ForwardOp forward;
  llm::AttentionOp attention; ///< the first block's
  Rotation rotation;
  LoweringContext shared;
};

struct ConvertLlmToPlan : ingot::impl::ConvertLlmToPlanPassBase<ConvertLlmToPlan> {
  using ConvertLlmToPlanPassBase::ConvertLlmToPlanPassBase;
  void runOnOperation() override;
};

/// The constant table of the rotation's frequencies.
constexpr StringRef kFrequencies = "inverse_frequencies";

} // namespace

static std::optional<KvKind> kvKindFromName(StringRef name) {
  for (KvKind kind : {KvKind::F16, KvKind::F32, KvKind::Q8})
    if (name == StringRef(kvKindName(kind)))
      return kind;
  return std::nullopt;
}

void ConvertLlmToPlan::runOnOperation() {
  std::optional<KvKind> kind = kvKindFromName(kvFormat);
  if (!kind) {
    getOperation().emitError("unknown KV format '") << kvFormat << "', expected f16, f32 or q8";
    return signalPassFailure();
  }
  SmallVector<int64_t> rows(maxRows.begin(), maxRows.end());
  if (rows.empty())
    rows = {1, 4, 128};
  for (llm::ModelOp model : ::llvm::make_early_inc_range(getOperation().getOps<llm::ModelOp>())) {
    int64_t positions = context > 0 ? context : static_cast<int64_t>(model.getMaxContext());
    if (failed(ModelLowering(model, *kind, ::llvm::alignTo(positions, kKvBlock)).run(rows)))
      return signalPassFailure();
    model.erase();
  }
}

LogicalResult ModelLowering::run(ArrayRef<int64_t> maxRows) {
  auto forwards = source.getOps<llm::ForwardOp>();
  if (!::llvm::hasSingleElement(forwards))
    return source.emitError("has no single llm.forward");
  forward = *forwards.begin();
  if (failed(findRotation()) || failed(createModel()))
    return failure();
  for (int64_t rows : maxRows)
    if (failed(lowerEntry(rows)))
      return failure();
  return success();
}

LogicalResult ModelLowering::findRotation() {
  WalkResult result = source.walk([&](Operation *op) {
    if (auto found = dyn_cast<llm::AttentionOp>(op); found && !attention)
      attention = found;
    auto rope = dyn_cast<llm::RopeOp>(op);
    if (!rope)
      return WalkResult::advance();
    Rotation here{static_cast<int64_t>(rope.getHeadDim()), rope.getTheta().convertToDouble()};
    if (rotation.headDim && (here.headDim != rotation.headDim || here.theta != rotation.theta)) {
      rope.emitError("rotates otherwise than the rope before it, expected head_dim ")
          << rotation.headDim << " and theta " << rotation.theta;
      return WalkResult::interrupt();
    }
    rotation = here;
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  if (!attention || !rotation.headDim)
    return source.emitError("has no attention with rope");
  return success();
}

LogicalResult ModelLowering::createModel() {
  auto logits = cast<llm::ReturnOp>(forward.getBody().front().getTerminator()).getValue();
  int64_t vocab = cast<RankedTensorType>(logits.getType()).getDimSize(1);
  auto embedding = *forward.getBody().getOps<llm::EmbeddingOp>().begin();
  int64_t hidden = embedding.getResult().getType().getDimSize(1);
  auto calls = forward.getBody().getOps<llm::CallOp>();
  int64_t slots = std::distance(calls.begin(), calls.end());

  builder.setInsertionPoint(source);
  auto model = plan::ModelOp::create(builder, source.getLoc(), source.getSymName(), vocab, hidden,
                                     attention.getKvHeads(), attention.getHeadDim(), context, slots,
                                     kvKindName(kvKind), IntegerAttr());
  shared = {model, kvKind, context, {}};
  builder.setInsertionPointToStart(&model.getBody().emplaceBlock());
  for (llm::WeightOp weight : source.getOps<llm::WeightOp>())
    plan::WeightOp::create(builder, weight.getLoc(), weight.getSymName(), weight.getType(),
                           weight.getSources(), weight.getInterleave(), IntegerAttr(),
                           IntegerAttr());
  SmallVector<float> frequencies;
  for (int64_t i = 0; i < rotation.headDim / 2; ++i)
    frequencies.push_back(
        static_cast<float>(std::pow(rotation.theta, -2.0 * double(i) / double(rotation.headDim))));
  TableOp::create(builder, source.getLoc(), kFrequencies, frequencies);
  return success();
}

BufferType ModelLowering::rowsType(int64_t maxRows, int64_t cols) {
  return BufferType::get(builder.getContext(), {maxRows, cols}, builder.getF32Type(),
                         Space::shared);
}

FuncOp ModelLowering::createFunction(StringRef name, int64_t maxRows, bool entry,
                                     TypeRange arguments, Location loc) {
  builder.setInsertionPointToEnd(&shared.model.getBody().front());
  auto func = FuncOp::create(builder, loc, name, maxRows, entry, IntegerAttr(), IntegerAttr());
  Block &body = func.getBody().emplaceBlock();
  body.addArguments(arguments, SmallVector<Location>(arguments.size(), loc));
  builder.setInsertionPointToStart(&body);
  ReturnOp::create(builder, loc);
  builder.setInsertionPointToStart(&body);
  return func;
}

LogicalResult ModelLowering::lowerBlock(llm::BlockOp block, StringRef name, int64_t maxRows) {
  auto stream = block.getBody().getArgument(0);
  int64_t hidden = cast<RankedTensorType>(stream.getType()).getDimSize(1);
  FuncOp func = createFunction(name, maxRows, /*entry=*/false,
                               {rowsType(maxRows, hidden), rowsType(maxRows, rotation.headDim)},
                               block.getLoc());
  FunctionLowering lowering(shared, builder, maxRows);
  lowering.bind(stream, func.getBody().getArgument(0));
  lowering.setAngles(func.getBody().getArgument(1));
  for (Operation &op : block.getBody().front().without_terminator())
    if (failed(lowering.lower(&op)))
      return failure();
  auto result = cast<llm::ReturnOp>(block.getBody().front().getTerminator());
  if (lowering.bufferOf(result.getValue()) != func.getBody().getArgument(0))
    return result.emitError("returns a value that is not the residual stream, updated in place");
  return success();
}

LogicalResult ModelLowering::lowerEntry(int64_t maxRows) {
  std::string name = maxRows == 1 ? "decode" : "prefill_" + std::to_string(maxRows);
  Location loc = forward.getLoc();
  MLIRContext *mlirContext = builder.getContext();
  int64_t hidden = shared.model.getHiddenSize();

  for (llm::BlockOp block : source.getOps<llm::BlockOp>())
    if (failed(lowerBlock(block, (name + "_" + block.getSymName()).str(), maxRows)))
      return failure();

  // The head sees only the rows whose logits are wanted, so it is a function
  // of its own: what follows the last run.
  FuncOp head =
      createFunction(name + "_head", maxRows, /*entry=*/false, {rowsType(maxRows, hidden)}, loc);
  FunctionLowering headLowering(shared, builder, maxRows);

  FuncOp entry = createFunction(name, maxRows, /*entry=*/true, {}, loc);
  FunctionLowering lowering(shared, builder, maxRows);
  Value stream =
      lowering.makeBuffer("h", maxRows, hidden, builder.getF32Type(), Space::shared, loc);
  Value angles = lowering.makeBuffer("angles", maxRows, rotation.headDim, builder.getF32Type(),
                                     Space::shared, loc);
  auto launch = [&](const KernelSpec &spec, ValueRange ins, Value out) {
    SmallVector<int32_t> access(ins.size(), static_cast<int32_t>(Access::all));
    access.push_back(static_cast<int32_t>(Access::own));
    LaunchOp::create(builder, loc, shared.kernel(spec, loc).getValue(),
                     SplitAttr::tokens(mlirContext), ins, out, access);
  };
  auto address = [&](FlatSymbolRefAttr symbol) {
    return AddressOp::create(builder, loc, ImageType::get(mlirContext), symbol).getResult();
  };

  builder.setInsertionPoint(entry.getBody().front().getTerminator());
  launch({"rope_angles", {{"head_dim", rotation.headDim}}},
         {address(FlatSymbolRefAttr::get(mlirContext, kFrequencies))}, angles);
  bool pastBlocks = false;
  for (Operation &op : forward.getBody().front().without_terminator()) {
    if (auto embedding = dyn_cast<llm::EmbeddingOp>(op)) {
      auto type = cast<llm::WeightType>(
          shared.model.lookupSymbol<plan::WeightOp>(embedding.getWeightAttr()).getType());
      auto tokens = BufferOp::create(
          builder, loc,
          BufferType::get(mlirContext, {maxRows}, builder.getI32Type(), Space::tokens), "tokens",
          IntegerAttr());
      launch({"embedding_" + type.getFormat().str(),
              {{"rows", type.getRows()}, {"cols", type.getCols()}}},
             {tokens.getResult(), address(embedding.getWeightAttr())}, stream);
    } else if (auto call = dyn_cast<llm::CallOp>(op)) {
      if (pastBlocks)
        return call.emitError("stands behind the head");
      plan::CallOp::create(builder, loc, (name + "_" + call.getBlock()).str(),
                           ValueRange{stream, angles}, builder.getI64IntegerAttr(call.getSlot()),
                           /*logits_rows=*/false);
      headLowering.bind(call.getResult(), head.getBody().getArgument(0));
    } else {
      pastBlocks = true;
      if (failed(headLowering.lower(&op)))
        return failure();
    }
  }
  plan::CallOp::create(builder, loc, head.getSymName(), ValueRange{stream}, IntegerAttr(),
                       /*logits_rows=*/true);
  return success();
}
