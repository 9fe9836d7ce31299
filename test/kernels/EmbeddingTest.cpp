//===- EmbeddingTest.cpp - Rows of the embedding, bit for bit -------------===//
//
// Every format, random bytes for values, against Format::unpackRow.
//
//===----------------------------------------------------------------------===//

#include "codegen/formats/Format.h"
#include "codegen/formats/Half.h"
#include "test/kernels/Variants.h"
#include "test/kernels/VectorTest.h"

using namespace ingot;
using namespace ingot::test;

namespace {

struct Shape {
  int64_t rows, cols;
};
constexpr Shape kShapes[] = {{1, 32}, {37, 64}, {100, 576}};
constexpr Shape kOddShapes[] = {{5, 3}, {33, 45}};

std::vector<Shape> shapesOf(const Format &format) {
  std::vector<Shape> shapes(std::begin(kShapes), std::end(kShapes));
  if (!format.quantized())
    shapes.insert(shapes.end(), std::begin(kOddShapes), std::end(kOddShapes));
  return shapes;
}

KernelSpec embedding(const Format &format, Shape shape) {
  return {"embedding_" + std::string(format.name()), {{"rows", shape.rows}, {"cols", shape.cols}}};
}

/// Any bytes are quantised values; scales, minima and floats are made finite.
std::vector<uint8_t> randomMatrix(const Format &format, Shape shape) {
  std::mt19937 random(unsigned(shape.rows));
  const int64_t blocks = (shape.rows + kRowBlock - 1) / kRowBlock;
  const size_t blockBytes = format.packedBlockBytes(shape.cols);
  std::vector<uint8_t> image(size_t(blocks) * blockBytes);
  for (uint8_t &byte : image)
    byte = uint8_t(random());
  const GroupLayout &layout = format.layout();
  const auto sane = [&](size_t at, int bits) {
    const float value = float(int(random() % 2001) - 1000) / 128;
    const uint32_t pattern = bits == 16 ? floatToHalf(value) : std::bit_cast<uint32_t>(value);
    std::memcpy(&image[at], &pattern, size_t(bits) / 8);
  };
  if (layout.rowScale) { // every other byte is a number
    for (size_t block = 0; block < image.size(); block += blockBytes)
      for (int64_t row = 1; row <= kRowBlock; ++row)
        sane(block + blockBytes - size_t(4 * row), 32);
    return image;
  }
  for (size_t group = 0; group < image.size(); group += size_t(layout.groupBytes)) {
    for (int64_t offset : {layout.scaleOffset, layout.minimumOffset})
      for (int64_t row = 0; row < kRowBlock && offset >= 0; ++row)
        sane(group + size_t(offset + 2 * row), 16);
    if (!format.quantized())
      for (int64_t at = 0; at < layout.groupBytes; at += layout.valueBits / 8)
        sane(group + size_t(at), layout.valueBits);
  }
  return image;
}

TEST(EmbeddingTest, RowsAreTheFormatsValues) {
  KernelLibrary library;
  for (const RunnableLevel &level : runnableLevels())
    for (const Format *format : formats())
      for (Shape shape : shapesOf(*format))
        library.add(embedding(*format, shape), level);
  ASSERT_EQ("", library.build());

  for (const RunnableLevel &level : runnableLevels())
    for (const Format *format : formats())
      for (Shape shape : shapesOf(*format)) {
        SCOPED_TRACE(kernelSymbol(embedding(*format, shape), level.level->name));
        const std::vector<uint8_t> image = randomMatrix(*format, shape);
        std::vector<int32_t> tokens = {int32_t(shape.rows - 1), 0,
                                       int32_t(shape.rows / 2), int32_t(shape.rows / 3),
                                       int32_t(shape.rows - 1), 0};
        const int32_t begin = 1, end = 5;
        std::vector<float> h(tokens.size() * shape.cols, kUntouched), expected = h;
        for (int32_t r = begin; r < end; ++r)
          format->unpackRow(image.data() +
                                tokens[r] / kRowBlock * format->packedBlockBytes(shape.cols),
                            int(tokens[r] % kRowBlock), shape.cols, &expected[r * shape.cols]);
        tokens[0] = tokens[5] = -1; // not ours: must not be looked at
        std::vector<Buffer> buffers = {tokens};
        buffers.insert(buffers.end(), weightViews(*format), image);
        buffers.push_back(h);
        KernelAt{library, level}(embedding(*format, shape), {begin, end}, buffers);
        EXPECT_TRUE(sameBits(expected, h));
      }
}

} // namespace
