//===- AttentionCombine.cpp - Attention from its blocks -------------------===//

#include "codegen/kernels/AttentionCombine.h"
#include "codegen/kernels/KvLayout.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

std::unique_ptr<KernelStages> ingot::buildAttentionCombine(const KernelSpec &spec,
                                                           const Level &level) {
  auto k = std::make_unique<AttentionCombine>();
  k->spec = spec;
  const int heads = int(k->param("heads")), tile = int(k->param("tile"));
  const int headDim = k->headDim = int(k->param("head_dim"));
  const int itemHeads = k->itemHeads = int(k->param("item_heads"));
  const int m = int(partialM(headDim)), l = int(partialL(headDim));

  Param<int32_t> begin("begin"), end("end"), head("head"), position("position");
  ImageParam partial(Float(32), 4, "partial"); // (element, head in the item, tile row, block)
  setDense(partial, {partialStride(headDim), itemHeads, tile, KernelArg::kDynamic});

  const Var lane = k->lane, run = k->run, element = k->element, member = k->member, row = k->row;
  const auto lastBlock = [&](Expr row) { return (position + row) / int(kKvBlock); };
  const Expr allRuns = lastBlock(end - 1) / kCombineLanes + 1;
  // The lanes after a row's last block read it again: no maximum changes, and
  // their factors are not used.
  const auto blockM = [&](Expr lane, Expr run, Expr member, Expr row) {
    return partial(m, member, row - begin, min(run * kCombineLanes + lane, lastBlock(row)));
  };

  k->runs = RDom(0, allRuns, "runs");
  k->laneLargest(lane, member, row) = Float(32).min();
  k->laneLargest(lane, member, row) =
      max(k->laneLargest(lane, member, row), blockM(lane, k->runs, member, row));
  k->largest = LaneReduction("largest", k->laneLargest, kCombineLanes, {member, row}, maxLanes);
  k->factors(lane, run, member, row) =
      expPolynomial(blockM(lane, run, member, row) - k->largest.result(member, row));

  k->blocks = RDom(0, kCombineLanes, 0, allRuns, "blocks");
  const Expr block = k->blocks.y * kCombineLanes + k->blocks.x;
  k->blocks.where(block <= lastBlock(row));
  k->sums(element, member, row) = 0.0f;
  k->sums(element, member, row) = multiplyAdd(k->factors(k->blocks.x, k->blocks.y, member, row),
                                              partial(element, member, row - begin, block),
                                              k->sums(element, member, row), level);
  k->inverse(member, row) = 1.0f / k->sums(l, member, row);

  Var headVar("head_of_y");
  k->share = RDom(0, itemHeads, begin, end - begin, "share");
  const Expr h = k->share.x, r = k->share.y;
  k->y(k->d, headVar, row) = undef<float>();
  k->y(k->d, head * itemHeads + h, r) = k->sums(k->d, h, r) * k->inverse(h, r);
  setDense(k->y.output_buffer(), {headDim, heads, KernelArg::kDynamic});

  k->arguments = {begin, end, head, position, partial};
  k->outputs = {k->y};
  return k;
}
