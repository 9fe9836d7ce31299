//===- AttentionPartial.cpp - Attention over a block, in floats -----------===//

#include "codegen/kernels/AttentionPartial.h"

using namespace ingot;
using namespace Halide;

AttentionPartial::AttentionPartial(const KernelSpec &spec, const Level &level)
    : AttentionBlock(spec) {
  arguments = {begin, end, head, block, position, q, keys, values};

  dims = RDom(0, unit, 0, units, "dims");
  dots(inRun, run, member, row) = 0.0f;
  dots(inRun, run, member, row) =
      multiplyAdd(q(dims.x, dims.y, head * group + member, row),
                  widen(keys(0, inRun, dims.x, dims.y, run, head, block), level),
                  dots(inRun, run, member, row), level);
  defineSoftmax(dots);

  // One loop of 64, not 4 runs of 16: as two nested loops, LLVM 21 copied and
  // spilled half the sums at every step (groups of 5, 32 registers).
  positions = RDom(0, int(kKvBlock), "positions");
  positions.where(positions <= last(row));
  const Expr at = positions;
  sums(x, u, member, row) = 0.0f;
  sums(x, u, member, row) =
      multiplyAdd(weights(at, member, row), widen(values(0, x, u, at, head, block), level),
                  sums(x, u, member, row), level);
  output(x, u, member, row) = sums(x, u, member, row);
  definePartial();
}

std::unique_ptr<KernelStages> ingot::buildAttentionPartial(const KernelSpec &spec,
                                                           const Level &level) {
  return std::make_unique<AttentionPartial>(spec, level);
}
