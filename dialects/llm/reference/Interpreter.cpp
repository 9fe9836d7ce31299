//===- Interpreter.cpp - Running an llm.model by its definition -----------===//

#include "dialects/llm/reference/Interpreter.h"

#include "dialects/llm/reference/Products.h"
#include "dialects/llm/reference/WeightRows.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace ingot;
using namespace ingot::llm;
using namespace ingot::reference;
using ::llvm::Error;
using ::llvm::Expected;

/// The values of one execution of a body.
struct Interpreter::Frame {
  ::llvm::DenseMap<mlir::Value, Rows> rows;
  ::llvm::DenseMap<mlir::Value, QuantizedRows> quantized;
  int64_t slot = -1; ///< the KV slot of the run
  Rows returned;

  /// Sets `result`, quantised where its type says so.
  const Rows *set(mlir::Value result, Rows value) {
    if (auto type = mlir::dyn_cast<QuantizedType>(result.getType())) {
      quantized[result] = quantize(value, type.getGroup());
      return nullptr;
    }
    return &(rows[result] = std::move(value));
  }
};

static int64_t colsOf(mlir::Value value) {
  if (auto type = mlir::dyn_cast<QuantizedType>(value.getType()))
    return type.getCols();
  return mlir::cast<mlir::RankedTensorType>(value.getType()).getDimSize(1);
}

Interpreter::Interpreter(ModelOp model, const WeightSource &weights, Options options)
    : model(model), weights(weights), options(std::move(options)) {}

Expected<Rows> Interpreter::run(::llvm::ArrayRef<int32_t> newTokens, int64_t newPosition) {
  auto forwards = model.getOps<ForwardOp>();
  if (forwards.empty())
    return ::llvm::createStringError("model '" + ::llvm::Twine(model.getSymName()) +
                                     "' has no llm.forward");
  const int64_t end = newPosition + int64_t(newTokens.size());
  if (newPosition < 0 || newPosition > fed || end > int64_t(model.getMaxContext()))
    return ::llvm::createStringError(
        "positions %lld to %lld do not follow the %lld that were fed, or leave the context (%lld)",
        (long long)newPosition, (long long)end, (long long)fed, (long long)model.getMaxContext());
  tokens = newTokens;
  position = newPosition;
  Frame frame;
  if (Error error = runBody((*forwards.begin()).getBody(), frame))
    return std::move(error);
  fed = end;
  return std::move(frame.returned);
}

Error Interpreter::runBody(mlir::Region &body, Frame &frame) {
  for (mlir::Operation &op : body.front()) {
    if (Error error = runOp(&op, frame))
      return error;
    if (options.observe && op.getNumResults() == 1)
      if (auto found = frame.rows.find(op.getResult(0)); found != frame.rows.end())
        options.observe(&op, frame.slot, found->second);
  }
  return Error::success();
}

Error Interpreter::runOp(mlir::Operation *op, Frame &frame) {
  auto &rows = frame.rows;
  return ::llvm::TypeSwitch<mlir::Operation *, Error>(op)
      .Case([&](EmbeddingOp op) { return runEmbedding(op, frame); })
      .Case([&](CallOp op) { return runCall(op, frame); })
      .Case([&](AttentionOp op) { return runAttention(op, frame); })
      .Case([&](RmsNormOp op) { return runRmsNorm(op, frame); })
      .Case([&](LinearOp op) {
        return runProduct(op.getInput(), op.getWeightAttr(), op.getResidual(), op.getResult(),
                          frame);
      })
      .Case([&](LogitsOp op) {
        return runProduct(op.getInput(), op.getWeightAttr(), nullptr, op.getResult(), frame);
      })
      .Case([&](RopeOp op) {
        const auto pairs =
            op.getStyle() == RopeStyle::half ? RopePairs::Half : RopePairs::Interleaved;
        frame.set(op.getResult(), rope(rows[op.getInput()], position, op.getHeadDim(),
                                       op.getTheta().convertToDouble(), pairs));
        return Error::success();
      })
      .Case([&](SwigluOp op) {
        frame.set(op.getResult(), swiglu(rows[op.getGate()], rows[op.getUp()]));
        return Error::success();
      })
      .Case([&](SwigluInterleavedOp op) {
        frame.set(op.getResult(),
                  swigluInterleaved(rows[op.getInput()], colsOf(op.getResult()), op.getGroup()));
        return Error::success();
      })
      .Case([&](AddOp op) {
        frame.set(op.getResult(), add(rows[op.getLhs()], rows[op.getRhs()]));
        return Error::success();
      })
      .Case([&](SliceOp op) {
        frame.set(op.getResult(),
                  slice(rows[op.getInput()], op.getBegin(), colsOf(op.getResult())));
        return Error::success();
      })
      .Case([&](QuantizeOp op) {
        frame.set(op.getResult(), rows[op.getInput()]);
        return Error::success();
      })
      .Case([&](ReturnOp op) {
        if (op.getValue())
          frame.returned = std::move(rows[op.getValue()]);
        return Error::success();
      })
      .Default([](mlir::Operation *op) {
        return ::llvm::createStringError("'" + op->getName().getStringRef() +
                                         "' has no meaning in the reference interpreter");
      });
}

Error Interpreter::runCall(CallOp call, Frame &frame) {
  auto block = model.lookupSymbol<BlockOp>(call.getBlockAttr());
  Frame inner;
  inner.slot = int64_t(call.getSlot());
  inner.rows[block.getBody().getArgument(0)] = frame.rows[call.getInput()];
  if (Error error = runBody(block.getBody(), inner))
    return error;
  frame.set(call.getResult(), std::move(inner.returned));
  return Error::success();
}

Error Interpreter::runAttention(AttentionOp op, Frame &frame) {
  const AttentionShape shape{int64_t(op.getHeads()), int64_t(op.getKvHeads()),
                             int64_t(op.getHeadDim()), op.getScale().convertToDouble()};
  KvSlot &slot =
      slots.try_emplace(frame.slot, options.kv, shape.kvHeads, shape.headDim).first->second;
  frame.set(op.getResult(), attention(frame.rows[op.getQuery()], frame.rows[op.getKey()],
                                      frame.rows[op.getValue()], slot, position, shape));
  return Error::success();
}

Error Interpreter::runEmbedding(EmbeddingOp op, Frame &frame) {
  auto weight = WeightRows::open(model.lookupSymbol<WeightOp>(op.getWeightAttr()), weights);
  if (!weight)
    return weight.takeError();
  for (int32_t token : tokens)
    if (token < 0 || token >= weight->rows())
      return ::llvm::createStringError("token %d is outside of the vocabulary (%lld)", int(token),
                                       (long long)weight->rows());
  Rows rows =
      embedding(tokens, weight->cols(), [&](int64_t row, float *out) { weight->read(row, out); });
  for (size_t i = 1; options.nudge != 0 && i < rows.data.size(); i += 2)
    rows.data[i] *= 1 + options.nudge;
  frame.set(op.getResult(), std::move(rows));
  return Error::success();
}

Error Interpreter::runRmsNorm(RmsNormOp op, Frame &frame) {
  auto weight = WeightRows::open(model.lookupSymbol<WeightOp>(op.getWeightAttr()), weights);
  if (!weight)
    return weight.takeError();
  std::vector<float> scale(size_t(weight->cols()));
  weight->read(0, scale.data());
  frame.set(op.getResult(),
            rmsNorm(frame.rows[op.getInput()], scale, op.getEps().convertToDouble()));
  return Error::success();
}

Error Interpreter::runProduct(mlir::Value input, mlir::FlatSymbolRefAttr symbol,
                              mlir::Value residual, mlir::Value result, Frame &frame) {
  auto weight = WeightRows::open(model.lookupSymbol<WeightOp>(symbol), weights);
  if (!weight)
    return weight.takeError();
  const auto read = [&](int64_t row, float *out) { weight->read(row, out); };
  const Rows *added = residual ? &frame.rows[residual] : nullptr;
  frame.set(result, mlir::isa<QuantizedType>(input.getType())
                        ? linear(frame.quantized[input], weight->rows(), read, added)
                        : linear(frame.rows[input], weight->rows(), read, added));
  return Error::success();
}
