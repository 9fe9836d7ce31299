//===- AttentionBytes.cpp - Attention over a block, in integers -----------===//

#include "codegen/kernels/AttentionBytes.h"
#include "codegen/kernels/Polynomials.h"

using namespace ingot;
using namespace Halide;

namespace {

constexpr int kBlock = int(kKvBlock);
constexpr int kQuad = 4;
constexpr int kPartBits = 7, kMostWeight = (1 << 2 * kPartBits) - 1;

bool multipliesQuads(DotForm dot) {
  return dot == DotForm::Quads32 || dot == DotForm::SignedQuads32 || dot == DotForm::SpreadQuads32;
}

} // namespace

AttentionBytes::AttentionBytes(const KernelSpec &spec, const Level &level)
    : AttentionBlock(spec), byQuads(multipliesQuads(level.dot)), parts(byQuads ? 2 : 1) {
  defineDots(level);
  defineSoftmax(dots);
  defineWeights(level);
  defineSums();
  definePartial();
}

// Machines multiply unsigned by signed bytes: a key's highest bit is turned,
// which adds 128, and 128 times the query's sum is taken off beforehand.
void AttentionBytes::defineDots(const Level &level) {
  const int quads = int(layout.storedUnit()) / kQuad;
  const bool unsignedKeys = level.dot == DotForm::Quads32;
  const Expr ofHead = head * group + member;
  const int heads = int(spec.params.at("heads"));
  ImageParam scale(Float(32), 3, "q_scale"), sum(Float(32), 3, "q_sum");
  for (ImageParam *param : {&scale, &sum})
    setDense(*param, {units, heads, KernelArg::kDynamic});
  const auto product = [&](Expr item, Expr quad) {
    const Expr byte = keys(item, inRun, quad, u, run, head, block);
    const Expr key = unsignedKeys ? reinterpret<uint8_t>(byte) ^ cast<uint8_t>(Expr(0x80)) : byte;
    return cast<int32_t>(key) * cast<int32_t>(q(quad * kQuad + item, u, ofHead, row));
  };
  if (unsignedKeys)
    offset(u, member, row) = -128 * cast<int32_t>(sum(u, ofHead, row));
  unitDots(inRun, u, run, member, row) = unsignedKeys ? offset(u, member, row) : Expr(0);
  if (byQuads) {
    dotDom = RDom(0, kQuad, 0, quads, "dot");
    unitDots(inRun, u, run, member, row) += product(dotDom.x, dotDom.y);
  } else {
    dotPairs = RDom(0, 2, 0, quads, "dot_pair");
    dotHalves(half, inRun, u, run, member, row) = 0;
    dotHalves(half, inRun, u, run, member, row) += product(half * 2 + dotPairs.x, dotPairs.y);
    dotDom = RDom(0, 2, "dot");
    unitDots(inRun, u, run, member, row) += dotHalves(dotDom.x, inRun, u, run, member, row);
  }

  ImageParam scales = viewParam(kvKeyScales(layout));
  arguments = {begin, end, head, block, position, q, scale, sum, keys, scales};
  inHead = RDom(0, units, "in_head");
  dots(inRun, run, member, row) = 0.0f;
  dots(inRun, run, member, row) = multiplyAdd(
      cast<float>(unitDots(inRun, inHead, run, member, row)) * scale(inHead, ofHead, row),
      widen(scales(run * int(kKvRun) + inRun, inHead, head, block), level),
      dots(inRun, run, member, row), level);
}

void AttentionBytes::defineWeights(const Level &level) {
  ImageParam scales = viewParam(kvValueScales(layout));
  arguments.push_back(values);
  arguments.push_back(scales);

  // Where no value was stored, neither was a scale: it may be no number.
  usedScales(p, u, row) = select(p <= last(row), widen(scales(p, u, head, block), level), 0.0f);
  largestScale = LaneReduction("largest_scale", usedScales, kBlock, {u, row}, maxLanes);
  const Expr most = largestScale.result(u, row);
  weightStep(u, row) = most / float(kMostWeight);
  // A scale is a half: if not zero, its inverse is finite.
  steps(p, u, row) = usedScales(p, u, row) * select(most > 0.0f, float(kMostWeight) / most, 0.0f);

  const Expr whole = cast<int32_t>(roundToEven(weights(p, member, row) * steps(p, u, row)));
  const Type type = !byQuads ? Int(16) : level.dot == DotForm::Quads32 ? UInt(8) : Int(8);
  weightInts(p, u, member, row, part) =
      byQuads ? cast(type, select(part == 0, whole >> kPartBits, whole & ((1 << kPartBits) - 1)))
              : cast(type, whole);
}

void AttentionBytes::defineSums() {
  const int quads = kBlock / kQuad;
  const auto product = [&](Expr item, Expr quad) {
    const Expr value = values(item, x, u, quad, head, block);
    return cast<int32_t>(value) *
           cast<int32_t>(weightInts(quad * kQuad + item, u, member, row, part));
  };
  sums(x, u, member, row, part) = 0;
  if (byQuads) {
    sumDom = RDom(0, kQuad, 0, quads, "sum");
    sumDom.where(sumDom.y * kQuad <= last(row));
    sums(x, u, member, row, part) += product(sumDom.x, sumDom.y);
    output(x, u, member, row) =
        cast<float>(sums(x, u, member, row, 0) * (1 << kPartBits) + sums(x, u, member, row, 1)) *
        weightStep(u, row);
    return;
  }
  sumPairs = RDom(0, 2, 0, quads, "sum_pair");
  sumPairs.where(sumPairs.y * kQuad <= last(row));
  sumHalves(half, x, u, member, row, part) = 0;
  sumHalves(half, x, u, member, row, part) += product(half * 2 + sumPairs.x, sumPairs.y);
  sumDom = RDom(0, 2, "sum");
  sums(x, u, member, row, part) += sumHalves(sumDom.x, x, u, member, row, part);
  output(x, u, member, row) = cast<float>(sums(x, u, member, row, 0)) * weightStep(u, row);
}

std::unique_ptr<KernelStages> ingot::buildAttentionBytes(const KernelSpec &spec,
                                                         const Level &level) {
  return std::make_unique<AttentionBytes>(spec, level);
}
