//===- LowerAttention.cpp - Products and attention, by who owns what ------===//
//
// The partition of a product is chosen by what happens to its rows next, so
// that they stay with the thread that made them: the QKV product is divided in
// whole units of rope and cache, the gate and up product in whole turns.
//
//===----------------------------------------------------------------------===//

#include "codegen/formats/Format.h"
#include "codegen/kernels/AttentionSpec.h"
#include "compiler/passes/LowerFunction.h"

#include "llvm/Support/MathExtras.h"

#include <numeric>

using namespace mlir;
using namespace ingot;
using namespace ingot::plan;

using ::llvm::SmallVector;

static int64_t colsOf(Value value) { return cast<RankedTensorType>(value.getType()).getDimSize(1); }

/// Token rows of a tile of a many-row attention. A tile's partial results,
/// tile x group x (head_dim + 2) floats a block, should stay in the second
/// cache for a context of 2,048: 8 rows of 3 heads of 64 take 245 KB.
static constexpr int64_t kAttentionTile = 8;

/// The attention that consumes the fused product through slices, or null.
static llm::AttentionOp attentionOf(llm::LinearOp linear) {
  for (Operation *user : linear.getResult().getUsers())
    if (auto slice = dyn_cast<llm::SliceOp>(user))
      for (Operation *next : slice.getResult().getUsers()) {
        if (auto rope = dyn_cast<llm::RopeOp>(next))
          next = *rope.getResult().getUsers().begin();
        if (auto attention = dyn_cast<llm::AttentionOp>(next))
          return attention;
      }
  return nullptr;
}

/// Rows of the smallest unit that is whole for the kernels on both sides of
/// the QKV product, or 0 when a section does not end on one.
static int64_t sharedUnitRows(llm::AttentionOp op, KvKind kind) {
  int64_t headDim = op.getHeadDim();
  int64_t unit = std::lcm(kRowBlock, kvUnit(kind, headDim));
  bool whole = op.getHeads() * headDim % unit == 0 && op.getKvHeads() * headDim % unit == 0;
  return whole ? unit : 0;
}

LogicalResult FunctionLowering::lowerLinear(llm::LinearOp op) {
  MLIRContext *context = builder.getContext();
  int64_t rows = colsOf(op.getResult());
  int64_t blocks = ::llvm::divideCeilSigned(rows, kRowBlock);
  SplitAttr split = SplitAttr::ofUnits(context, blocks);
  StringRef name = "y";
  if (auto attention = attentionOf(op)) {
    name = "qkv";
    if (int64_t unit = sharedUnitRows(attention, shared.kvKind))
      split = SplitAttr::ofUnits(context, rows / unit, unit / kRowBlock);
  } else if (auto swiglu = dyn_cast<llm::SwigluInterleavedOp>(*op.getResult().getUsers().begin())) {
    name = "gate_up";
    int64_t turn = 2 * static_cast<int64_t>(swiglu.getGroup());
    split = SplitAttr::ofUnits(context, rows / turn, turn / kRowBlock);
  }
  if (Value residual = op.getResidual()) {
    // The sum replaces the residual in its buffer.
    for (Operation *user : residual.getUsers())
      if (user->getBlock() == op->getBlock() && op->isBeforeInBlock(user))
        return op.emitError("adds to a residual that is used again later");
    Value buffer = bufferOf(residual);
    bind(op.getResult(), buffer);
    if (rows % kRowBlock == 0)
      return launchProduct(op, op.getInput(), op.getWeightAttr(), buffer, /*add=*/true, split);
    // The kernel writes whole row blocks, the stream ends earlier.
    Value wide = makeBuffer("padded_sum", maxRows, blocks * kRowBlock, builder.getF32Type(),
                            Space::shared, op.getLoc());
    if (failed(launchProduct(op, op.getInput(), op.getWeightAttr(), wide, /*add=*/false, split)))
      return failure();
    CopyOp::create(builder, op.getLoc(), wide, buffer, split, /*accumulate=*/true);
    return success();
  }
  Value buffer = makeBuffer(name, maxRows, blocks * kRowBlock, builder.getF32Type(), Space::shared,
                            op.getLoc());
  bind(op.getResult(), buffer);
  return launchProduct(op, op.getInput(), op.getWeightAttr(), buffer, /*add=*/false, split);
}

/// The fused product behind q, k and v, or null after an error.
static llm::LinearOp fusedProduct(llm::AttentionOp op) {
  auto sliceOf = [](Value value, bool rotated) -> llm::SliceOp {
    if (auto rope = value.getDefiningOp<llm::RopeOp>())
      return rope.getStyle() == llm::RopeStyle::interleaved && rotated
                 ? rope.getInput().getDefiningOp<llm::SliceOp>()
                 : nullptr;
    return rotated ? nullptr : value.getDefiningOp<llm::SliceOp>();
  };
  auto q = sliceOf(op.getQuery(), true), k = sliceOf(op.getKey(), true);
  auto v = sliceOf(op.getValue(), false);
  int64_t queryCols = colsOf(op.getQuery()), keyCols = colsOf(op.getKey());
  if (!q || !k || !v || q.getInput() != k.getInput() || k.getInput() != v.getInput() ||
      q.getBegin() != 0 || static_cast<int64_t>(k.getBegin()) != queryCols ||
      static_cast<int64_t>(v.getBegin()) != queryCols + keyCols) {
    op.emitError("needs interleaved rope and one product for q, k and v: their weights must have "
                 "one format, and llm-canonicalize-rope and llm-fuse-qkv must have run");
    return nullptr;
  }
  return q.getInput().getDefiningOp<llm::LinearOp>();
}

LogicalResult FunctionLowering::lowerAttention(llm::AttentionOp op) {
  llm::LinearOp qkv = fusedProduct(op);
  if (!qkv)
    return failure();
  if (std::abs(op.getScale().convertToDouble() * std::sqrt(double(op.getHeadDim())) - 1) > 1e-6)
    return op.emitError("has the scale ")
           << op.getScale().convertToDouble() << ", expected 1 / sqrt(head_dim)";
  Location loc = op.getLoc();
  auto slotType = SlotType::get(builder.getContext());
  const Buffers queries = makeQueries(op);
  Value keys = SlotOp::create(builder, loc, slotType, SlotPart::keys).getResult();
  Value values = SlotOp::create(builder, loc, slotType, SlotPart::values).getResult();
  if (failed(lowerStores(op, qkv, queries, keys, values)))
    return failure();
  lowerAttend(op, queries, keys, values);
  return success();
}

/// What the queries become: floats, or where the cache is of bytes, bytes.
FunctionLowering::Buffers FunctionLowering::makeQueries(llm::AttentionOp op) {
  Location loc = op.getLoc();
  int64_t cols = colsOf(op.getQuery());
  Type f32 = builder.getF32Type();
  const KvLayout layout(shared.kvKind, op.getKvHeads(), op.getHeadDim());
  if (!layout.scaled())
    return {makeBuffer("query", maxRows, cols, f32, Space::shared, loc)};
  const int64_t units = cols / layout.unit;
  return {makeBuffer("query_q", maxRows, units * layout.storedUnit(), builder.getI8Type(),
                     Space::shared, loc),
          makeBuffer("query_scale", maxRows, units, f32, Space::shared, loc),
          makeBuffer("query_sum", maxRows, units, f32, Space::shared, loc)};
}

/// Rotates the queries and puts keys and values into the slot, each thread its
/// own rows of the product where whole units allow it.
LogicalResult FunctionLowering::lowerStores(llm::AttentionOp op, llm::LinearOp qkv,
                                            const Buffers &queries, Value keys, Value values) {
  Location loc = op.getLoc();
  MLIRContext *context = builder.getContext();
  int64_t headDim = op.getHeadDim();
  int64_t queryRows = op.getHeads() * headDim, keyRows = op.getKvHeads() * headDim;
  int64_t kernelUnit = kvUnit(shared.kvKind, headDim);
  int64_t unit = sharedUnitRows(op, shared.kvKind);
  Access access = unit ? Access::own : Access::all;
  if (!unit)
    unit = kernelUnit;
  auto split = [&](int64_t begin, int64_t rows) {
    return SplitAttr::window(context, (queryRows + 2 * keyRows) / unit, begin / unit,
                             (begin + rows) / unit, unit / kernelUnit);
  };
  std::map<std::string, int64_t> params = {{"heads", op.getHeads()},
                                           {"kv_heads", op.getKvHeads()},
                                           {"head_dim", headDim},
                                           {"unit", kernelUnit}};
  std::string kind(kvKindName(shared.kvKind));
  Value product = bufferOf(qkv.getResult());
  SmallVector<Access> ropeAccess = {access, Access::all};
  ropeAccess.append(queries.size(), Access::window);
  launch({queries.size() == 1 ? "rope_q" : "rope_q_" + kind, params}, split(0, queryRows),
         {product, angles}, queries, ropeAccess, loc);
  launch({"kv_store_k_" + kind, params}, split(queryRows, keyRows), {product, angles}, {keys},
         {access, Access::all, Access::window}, loc);
  launch({"kv_store_v_" + kind, params}, split(queryRows + keyRows, keyRows), {product}, {values},
         {access, Access::window}, loc);
  return success();
}

void FunctionLowering::lowerAttend(llm::AttentionOp op, const Buffers &queries, Value keys,
                                   Value values) {
  Location loc = op.getLoc();
  int64_t heads = op.getHeads(), kvHeads = op.getKvHeads(), headDim = op.getHeadDim();
  int64_t blocks = shared.context / kKvBlock, group = heads / kvHeads;
  int64_t stride = partialStride(headDim);
  Type f32 = builder.getF32Type();
  KernelSpec partial{"attention_partial_" + std::string(kvKindName(shared.kvKind)),
                     {{"heads", heads}, {"kv_heads", kvHeads}, {"head_dim", headDim}}};
  KernelSpec combine{"attention_combine", {{"heads", heads}, {"head_dim", headDim}}};
  if (maxRows == 1) {
    // Blocks of the context are shared out; every thread joins them all.
    combine.params["tile"] = 1;
    combine.params["item_heads"] = heads;
    Value partials = makeBuffer("partials", 1, blocks * heads * stride, f32, Space::shared, loc);
    Buffers ins = queries;
    ins.append({keys, values});
    SmallVector<Access> access(ins.size(), Access::all);
    access.push_back(Access::own);
    launch(partial, SplitAttr::items(builder.getContext(), kvHeads), ins, {partials}, access, loc);
    launchRows(combine, {partials}, op.getResult(), "attended", loc);
    return;
  }
  // A row a tile where rows are few: there are more pairs to share out.
  const int64_t tile = hasFewRows() ? 1 : kAttentionTile;
  combine.params["tile"] = tile;
  combine.params["item_heads"] = group;
  Value partials =
      makeBuffer("partials", 1, blocks * tile * group * stride, f32, Space::scratch, loc);
  Buffers result = makeResult("attended", op.getResult(), Space::shared);
  AttendOp::create(builder, loc, shared.kernel(partial, loc).getValue(),
                   shared.kernel(combine, loc).getValue(), kvHeads, tile, queries, keys, values,
                   partials, result.front());
}
