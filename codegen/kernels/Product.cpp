//===- Product.cpp - Packed weights times activations ---------------------===//

#include "codegen/kernels/Product.h"

#include <algorithm>

using namespace ingot;
using namespace Halide;

namespace {

Type halideType(KernelType type) {
  switch (type) {
  case KernelType::I8:
    return Int(8);
  case KernelType::U8:
    return UInt(8);
  case KernelType::I32:
    return Int(32);
  case KernelType::F16:
    return Float(16);
  case KernelType::F32:
    return Float(32);
  }
  return Type();
}

/// `value`, with nothing known of its range: Halide takes the exclusive or for
/// any byte, LLVM folds it away. Without it Halide sees that a nibble fits in a
/// signed byte and misses the products of unsigned by signed bytes.
Expr anyByte(const Expr &value, const Expr &byte) { return (value ^ byte) ^ byte; }

/// Strides of a view of packed weights, in elements of `bytes` bytes: dense
/// inside a group, then from group to group and from block to block.
std::vector<int64_t> viewStrides(const KernelArg &arg, const GroupLayout &layout,
                                 int64_t blockBytes, int64_t bytes) {
  const size_t dims = arg.extents.size();
  std::vector<int64_t> strides = {1};
  for (size_t d = 1; d < dims; ++d)
    strides.push_back(strides.back() * arg.extents[d - 1]);
  strides[dims - 2] = layout.groupBytes / bytes;
  strides[dims - 1] = blockBytes / bytes;
  return strides;
}

} // namespace

Product::Product(const Format &format, Activation encoding, int64_t rows, int64_t cols,
                 const Level &level)
    : layout(format.layout()), quantized(format.quantized()), wholeRow(encoding == Activation::I8T),
      fullGroups(cols / kColumnGroup), restCols(cols % kColumnGroup),
      nibbles(layout.valueBits == 4), byWords(level.dot == DotForm::Words32),
      items(byWords ? 2 : 4), planes((nibbles ? 2 : 1) * 4 / items),
      unit(!nibbles                        ? 1
           : byWords                       ? 256
           : level.dot == DotForm::Quads32 ? 16
                                           : 1),
      signedBytes(level.dot == DotForm::SignedQuads32 || level.dot == DotForm::SignedBytes16),
      lastBlock(int((rows - 1) / kRowBlock)),
      zeroPoint(layout.zeroPoint - (signedBytes && !nibbles ? 128 : 0)) {
  for (const KernelArg &arg : productArgs(format, encoding, rows, cols, KernelArg::kDynamic)) {
    KernelArg view = arg;
    Type type = halideType(arg.type);
    if (byWords && type.bytes() == 1 && (arg.name == "weights" || arg.name == "q")) {
      type = type.with_bits(16);
      view.extents[0] /= 2;
    }
    inputs.emplace_back(type, int(view.extents.size()), view.name);
    if (view.name.starts_with("weights"))
      setStrided(inputs.back(), view.extents,
                 viewStrides(view, layout, int64_t(format.packedBlockBytes(cols)), type.bytes()));
    else
      setDense(inputs.back(), view.extents);
  }
  if (wholeRow) {
    defineIntegers(level);
    defineWholeRow();
    return;
  }
  acc(lane, token, block) = 0.0f;
  if (hasGroups())
    groups = RDom(0, int(fullGroups), "groups");
  if (quantized) {
    defineIntegers(level);
    defineGroups(level);
  } else {
    defineFloat(level);
  }
}

ImageParam &Product::input(const std::string &name) {
  return *std::ranges::find_if(inputs, [&](ImageParam &one) { return one.name() == name; });
}

Expr Product::result(Expr token, Expr block) {
  const Expr value = acc(lane, token, block);
  if (!layout.rowScale)
    return value;
  // A sixteenth of a scale is exact: 2^-100 and less became zero.
  const float part = layout.zeroOffset >= 0 ? 1.0f / kZeroSteps : 1.0f;
  return value * (input("weights_row_scale")(lane, 0, block) * part);
}

void Product::defineFloat(const Level &level) {
  ImageParam &x = inputs[0], &weights = inputs[1];
  auto weight = [&](Expr column) { return widen(weights(lane, column, block), level); };

  if (hasGroups()) {
    sumDom = RDom(0, int(kColumnGroup), "column");
    const Expr column = group * int(kColumnGroup) + sumDom.x;
    sums(lane, token, group, block) = 0.0f;
    sums(lane, token, group, block) =
        multiplyAdd(weight(column), x(column, token), sums(lane, token, group, block), level);
    acc(lane, token, block) += sums(lane, token, groups, block);
  }
  if (hasRest()) {
    restDom = RDom(int(fullGroups * kColumnGroup), int(restCols), "rest_column");
    rest(lane, token, block) = 0.0f;
    rest(lane, token, block) =
        multiplyAdd(weight(restDom), x(restDom, token), rest(lane, token, block), level);
    acc(lane, token, block) += rest(lane, token, block);
  }
}

// Unsigned bytes: nibbles are the stored value, or 16 times it. The latter
// leaves both nibbles in the high half of the byte, and low << 4 is one
// instruction where low and high >> 4 are two. 16 is a power of two, so
// dividing the scale by it changes no bit of the result. Pairs need the small
// range, or their 16-bit sums would saturate.
// Signed bytes: nibbles fit as they are; 128 is taken from 8-bit values by
// turning their highest bit, and from the zero point.
// A schedule may compute whole rows of more row blocks than there are.
Expr Product::stored(Expr item, Expr plane, Expr vector, Expr ofGroup) {
  const Expr within = hasSpread() && wholeRow ? min(block, lastBlock) : Expr(block);
  const Expr byte = input("weights")(item, lane, vector, ofGroup, within);
  if (byWords)
    return storedWord(byte, plane);
  if (!nibbles)
    return signedBytes ? reinterpret<int8_t>(byte ^ cast<uint8_t>(0x80)) : byte;
  const bool times16 = unit == 16;
  const Expr low = times16 ? byte << cast<uint8_t>(4) : byte & cast<uint8_t>(15);
  const Expr high = times16 ? byte & cast<uint8_t>(0xF0) : byte >> cast<uint8_t>(4);
  const Expr nibble = select(plane == 0, low, high);
  return signedBytes ? reinterpret<int8_t>(nibble) : anyByte(nibble, byte);
}

// Words: one mask or shift a plane, and no widening. The nibbles of the even
// byte stand at 1 and 16 times their value, those of the odd byte at 256
// (masked) and 1 (shifted to the end); each activation is moved up so that
// every product is 256 times too large. 32 of them stay below 2^24, exact
// also as a float. An 8-bit value is its byte.
Expr Product::storedWord(Expr word, Expr plane) const {
  const auto mask = [&](int bits) { return word & cast<uint16_t>(bits); };
  const auto shift = [&](int bits) { return word >> cast<uint16_t>(bits); };
  const Expr cut = nibbles ? select(plane == 0, mask(0x000F), plane == 1, mask(0x00F0), plane == 2,
                                    mask(0x0F00), shift(12))
                           : select(plane == 0, mask(0x00FF), shift(8));
  return cast<int16_t>(anyByte(cut, word));
}

Expr Product::activation(Expr item, Expr plane, Expr vector, Expr ofGroup) {
  const int quads = nibbles ? 2 : 1; // of columns, in a vector
  const auto of = [&](Expr quad) {
    return input("q")((ofGroup * int(kColumnGroup / 4) + vector * quads + quad) * items + item,
                      token);
  };
  return byWords ? activationWord(of, plane) : of(plane);
}

// The bytes that the planes of storedWord meet, moved up where it says so.
Expr Product::activationWord(const std::function<Expr(Expr quad)> &word, Expr plane) const {
  const auto even = [&](int quad, int up) { // times 2^up
    return word(quad) << cast<int16_t>(8) >> cast<int16_t>(8 - up);
  };
  const auto odd = [&](int quad) { return word(quad) >> cast<int16_t>(8); };
  if (!nibbles)
    return select(plane == 0, even(0, 0), odd(0));
  return select(plane == 0, even(0, 8), plane == 1, even(1, 4), plane == 2, odd(0),
                word(1) & cast<int16_t>(Expr(-256)));
}

void Product::defineIntegers(const Level &level) {
  const int vectors = int(kColumnGroup) * layout.valueBits / 32;
  const int runs = wholeRow ? int(fullGroups) : 1; // groups that one sum runs over
  sums(lane, token, group, block) = 0;
  const bool repeated = level.dot == DotForm::SpreadQuads32;
  if (byWords || repeated || level.dot == DotForm::Quads32 || level.dot == DotForm::SignedQuads32) {
    if (byWords)
      words(item, plane, vector, group, token) = activation(item, plane, vector, group);
    if (repeated)
      spread(item, lane, plane, vector, group, token) = activation(item, plane, vector, group);
    sumDom = RDom(0, items, 0, planes, 0, vectors, 0, runs, "quad");
    const Expr ofGroup = group + sumDom.w;
    const Expr q = byWords    ? words(sumDom.x, sumDom.y, sumDom.z, ofGroup, token)
                   : repeated ? spread(sumDom.x, lane, sumDom.y, sumDom.z, ofGroup, token)
                              : activation(sumDom.x, sumDom.y, sumDom.z, ofGroup);
    sums(lane, token, group, block) +=
        cast<int32_t>(stored(sumDom.x, sumDom.y, sumDom.z, ofGroup)) * cast<int32_t>(q);
    return;
  }
  if (level.dot == DotForm::SignedBytes16 && !wholeRow)
    return defineShorts();
  // Nibbles in 16 bits: 8 sums of two products of at most 15 * 127 stay
  // below 2^15, so the saturating addition never does.
  const bool narrow = nibbles && level.dot == DotForm::Pairs16;
  const Type type = narrow ? Int(16) : Int(32);
  pairDom = RDom(0, 2, 0, planes, 0, vectors, 0, runs, "pair");
  const Expr column = half * 2 + pairDom.x, ofGroup = group + pairDom.w;
  const Expr product = cast(type, stored(column, pairDom.y, pairDom.z, ofGroup)) *
                       cast(type, activation(column, pairDom.y, pairDom.z, ofGroup));
  pairs(half, lane, token, group, block) = cast(type, 0);
  const Expr before = pairs(half, lane, token, group, block);
  pairs(half, lane, token, group, block) =
      narrow ? saturating_add(before, product) : before + product;
  sumDom = RDom(0, 2, "half");
  sums(lane, token, group, block) += cast<int32_t>(pairs(sumDom.x, lane, token, group, block));
}

void Product::defineShorts() {
  // 8 products of a nibble (15 * 127), or 2 of bytes (128 * 127), fit in 16 bits.
  const int vectors = int(kColumnGroup) * layout.valueBits / 32;
  const int vectorsOfShort = nibbles ? vectors : 2;
  shortDom = RDom(0, planes, 0, vectorsOfShort, "short");
  const Expr vector = part * vectorsOfShort + shortDom.y;
  shorts(column, lane, part, token, group, block) = cast<int16_t>(0);
  shorts(column, lane, part, token, group, block) +=
      cast<int16_t>(stored(column, shortDom.x, vector, group)) *
      cast<int16_t>(activation(column, shortDom.x, vector, group));
  pairDom = RDom(0, 2, 0, vectors / vectorsOfShort, "pair");
  pairs(half, lane, token, group, block) = 0;
  pairs(half, lane, token, group, block) +=
      cast<int32_t>(shorts(half * 2 + pairDom.x, lane, pairDom.y, token, group, block));
  sumDom = RDom(0, 2, "half");
  sums(lane, token, group, block) += pairs(sumDom.x, lane, token, group, block);
}

void Product::defineGroups(const Level &level) {
  const Expr products = cast<float>(sums(lane, token, groups, block));
  const Expr total = input("sum")(groups, token);
  const auto scale = [&](float factor) {
    return widen(input("weights_scale")(lane, groups, block), level, factor);
  };
  Expr value;
  if (layout.zeroOffset >= 0) {
    const Expr zero = cast<float>(input("weights_zero")(lane, groups, block));
    // Integers below 2^24 until the step multiplies, and 16 times the sum is exact in every unit.
    const float sixteenths = float(kZeroSteps) / float(unit);
    value = scale(1.0f) *
            multiplyAdd(-zero, total, sixteenths == 1.0f ? products : products * sixteenths, level);
  } else if (layout.minimumOffset >= 0) {
    const Expr minimum = widen(input("weights_minimum")(lane, groups, block), level);
    value = multiplyAdd(minimum, total, scale(1.0f / float(unit)) * products, level);
  } else {
    value = zeroPoint == 0 ? products
                           : multiplyAdd(-float(zeroPoint) * float(unit), total, products, level);
    if (layout.scaleOffset >= 0)
      value = scale(1.0f / float(unit)) * value;
  }
  acc(lane, token, block) =
      multiplyAdd(value, input("scale")(groups, token), acc(lane, token, block), level);
}

void Product::defineWholeRow() {
  const Expr total = cast<int32_t>(input("sum")(0, token));
  const Expr products = sums(lane, token, 0, block) - zeroPoint * total;
  acc(lane, token, block) = cast<float>(products) * input("scale")(0, token);
}
