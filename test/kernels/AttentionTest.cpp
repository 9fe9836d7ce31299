//===- AttentionTest.cpp - Attention over a cache with holes --------------===//
//
// Everything after a row's own position is NaN in the cache. The decoding
// sequence and the prefill sequence (AttentionSpec.h) against softmax in double
// precision, and against each other bit for bit, whatever the tile. A query that
// meets an 8-bit cache is in 8 bits, as RopeQBytes.h says.
//
//===----------------------------------------------------------------------===//

#include "codegen/kernels/AttentionSpec.h"
#include "test/kernels/KvReference.h"
#include "test/kernels/VectorTest.h"

#include <algorithm>

using namespace ingot;
using namespace ingot::test;

namespace {

struct Heads {
  int64_t heads, kvHeads, headDim;

  int64_t group() const { return heads / kvHeads; }
};

// Groups of 1, 3, 4 and 5; odd and large head dims; the real shapes.
constexpr Heads kHeads[] = {{1, 1, 4},  {6, 2, 8},  {4, 1, 16},  {5, 1, 64},
                            {9, 3, 64}, {2, 2, 80}, {4, 1, 128}, {2, 1, 10}};
constexpr KvKind kKinds[] = {KvKind::F32, KvKind::F16, KvKind::Q8};
constexpr int64_t kCapacity = 1280;
constexpr int32_t kTiles[] = {1, 8};

KernelSpec partialSpec(KvKind kind, Heads h) {
  return {"attention_partial_" + std::string(kvKindName(kind)),
          {{"heads", h.heads}, {"kv_heads", h.kvHeads}, {"head_dim", h.headDim}}};
}

KernelSpec combineSpec(Heads h, int64_t tile, int64_t itemHeads) {
  return {"attention_combine",
          {{"heads", h.heads}, {"head_dim", h.headDim}, {"tile", tile}, {"item_heads", itemHeads}}};
}

class AttentionTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    library = new KernelLibrary;
    for (const RunnableLevel &level : runnableLevels())
      for (Heads h : kHeads) {
        for (KvKind kind : kKinds)
          library->add(partialSpec(kind, h), level);
        library->add(combineSpec(h, 1, h.heads), level);
        for (int32_t tile : kTiles)
          library->add(combineSpec(h, tile, h.group()), level);
      }
    buildError = library->build();
  }
  static void TearDownTestSuite() { delete library; }
  void SetUp() override { ASSERT_EQ("", buildError); }

  static KernelLibrary *library;
  static std::string buildError;
};

KernelLibrary *AttentionTest::library;
std::string AttentionTest::buildError;

/// Queries in 8 bits.
struct QueryBytes {
  std::vector<int8_t> q;
  std::vector<float> scale, sum;
  int64_t unit, stored;

  QueryBytes(const std::vector<float> &values, int64_t headDim)
      : unit(kvUnit(KvKind::Q8, headDim)), stored((unit + 3) / 4 * 4) {
    for (size_t first = 0; first < values.size(); first += size_t(unit)) {
      float most = 0, total = 0;
      for (int64_t d = 0; d < unit; ++d)
        most = std::max(most, std::fabs(values[first + d]));
      scale.push_back(most / 127);
      for (int64_t d = 0; d < stored; ++d) {
        const bool zero = d >= unit || most == 0;
        q.push_back(zero ? int8_t(0) : int8_t(std::nearbyint(values[first + d] / scale.back())));
        total += q.back();
      }
      sum.push_back(total);
    }
  }

  double get(int64_t i) const { return double(q[i / unit * stored + i % unit]) * scale[i / unit]; }
};

/// A cache that is filled up to `position + rows`, and the queries of the rows.
struct Problem {
  Heads h;
  KvKind kind;
  int32_t position, rows;
  KvSlot slot;
  std::vector<float> q;
  QueryBytes bytes;
  float largestValue = 0;

  Problem(Heads h, KvKind kind, int32_t position, int32_t rows)
      : h(h), kind(kind), position(position), rows(rows),
        slot(KvLayout(kind, h.kvHeads, h.headDim), kCapacity),
        q(randomFloats(size_t(rows) * h.heads * h.headDim, unsigned(position),
                       1.0f / std::sqrt(float(h.headDim)))),
        bytes(q, h.headDim) {
    std::mt19937 random(unsigned(h.headDim));
    std::normal_distribution<float> normal;
    for (int64_t head = 0; head < h.kvHeads; ++head)
      for (int64_t p = 0; p < position + rows; ++p)
        for (int64_t d = 0; d < h.headDim; ++d) {
          // A scale is shared by a unit; it is a half already.
          const float scale = 0.0078125f * float(1 + p % 5);
          const auto number = [&] {
            return kind == KvKind::Q8 ? scale * float(int(random() % 255) - 127) : normal(random);
          };
          slot.set(slot.key(head, p, d), number(), scale);
          const float value = number();
          slot.set(slot.value(head, p, d), value, scale);
          largestValue = std::max(largestValue, std::fabs(value));
        }
  }

  /// With the queries from `row` on.
  std::vector<Buffer> partialBuffers(int64_t row, const Buffer &partial) const {
    const int64_t width = h.heads * h.headDim, units = width / bytes.unit;
    std::vector<Buffer> buffers = {{q, row * width}};
    if (kind == KvKind::Q8)
      buffers = {{bytes.q, row * units * bytes.stored},
                 {bytes.scale, row * units},
                 {bytes.sum, row * units}};
    buffers.insert(buffers.end(), slot.layout.scaled() ? 4 : 2, slot.bytes);
    buffers.push_back(partial);
    return buffers;
  }

  size_t size() const { return q.size(); }
};

/// All rows, one decoding step each: every row is row 0 of its own step.
std::vector<float> decode(const KernelAt &call, const Problem &p) {
  const Heads h = p.h;
  const int64_t stride = partialStride(h.headDim), width = h.heads * h.headDim;
  std::vector<float> y(p.size(), kUntouched);
  for (int32_t r = 0; r < p.rows; ++r) {
    const int32_t position = p.position + r, blocks = position / 64 + 1;
    std::vector<float> partial(size_t(blocks * h.heads * stride), NAN);
    for (int32_t item = blocks * int32_t(h.kvHeads); item-- > 0;) {
      call(partialSpec(p.kind, h),
           {0, 1, item % int32_t(h.kvHeads), item / int32_t(h.kvHeads), position},
           p.partialBuffers(r, {partial, item * h.group() * stride}));
    }
    call(combineSpec(h, 1, h.heads), {0, 1, 0, position}, {partial, {y, r * width}});
  }
  return y;
}

std::vector<float> prefill(const KernelAt &call, const Problem &p, int32_t tile) {
  const Heads h = p.h;
  const int64_t stride = partialStride(h.headDim), block = tile * h.group() * stride;
  std::vector<float> y(p.size(), kUntouched);
  for (int32_t b = 0; b < p.rows; b += tile)
    for (int32_t head = 0; head < h.kvHeads; ++head) {
      const int32_t e = std::min(b + tile, p.rows), blocks = (p.position + e - 1) / 64 + 1;
      std::vector<float> partial(size_t(blocks * block), NAN);
      for (int32_t i = 0; i < blocks; ++i)
        call(partialSpec(p.kind, h), {b, e, head, i, p.position},
             p.partialBuffers(0, {partial, i * block}));
      call(combineSpec(h, tile, h.group()), {b, e, head, p.position}, {partial, y});
    }
  return y;
}

/// Softmax in double precision over the positions that row `r` may see.
std::vector<double> exact(const Problem &p, int64_t r, int64_t head) {
  const Heads h = p.h;
  const int64_t kvHead = head / h.group(), seen = p.position + r + 1;
  const int64_t first = (r * h.heads + head) * h.headDim;
  std::vector<double> scores(static_cast<size_t>(seen)), y(static_cast<size_t>(h.headDim));
  for (int64_t i = 0; i < seen; ++i)
    for (int64_t d = 0; d < h.headDim; ++d)
      scores[i] += (p.kind == KvKind::Q8 ? p.bytes.get(first + d) : double(p.q[first + d])) *
                   p.slot.get(p.slot.key(kvHead, i, d));
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (int64_t i = 0; i < seen; ++i) {
    const double weight = std::exp(scores[i] - most);
    sum += weight;
    for (int64_t d = 0; d < h.headDim; ++d)
      y[d] += weight * p.slot.get(p.slot.value(kvHead, i, d));
  }
  for (double &value : y)
    value /= sum;
  return y;
}

double boundOf(KvKind kind) { return kind == KvKind::Q8 ? kAttentionBytes : kAttentionRelative; }

/// Against softmax, within `bound` of the largest value, and prefill against decoding.
void check(const KernelAt &call, const Problem &p, double bound) {
  SCOPED_TRACE(kernelSymbol(partialSpec(p.kind, p.h), call.level.level->name) + " position " +
               std::to_string(p.position) + " rows " + std::to_string(p.rows));
  const std::vector<float> y = decode(call, p);
  for (int64_t r = 0; r < p.rows; ++r)
    for (int64_t head = 0; head < p.h.heads; ++head) {
      const std::vector<double> expected = exact(p, r, head);
      for (int64_t d = 0; d < p.h.headDim; ++d)
        ASSERT_NEAR(expected[d], y[(r * p.h.heads + head) * p.h.headDim + d],
                    bound * p.largestValue)
            << "row " << r << " head " << head << " dim " << d;
    }
  for (int32_t tile : kTiles)
    EXPECT_TRUE(sameBits(y, prefill(call, p, tile))) << "tile " << tile;
}

TEST_F(AttentionTest, EveryShapeAtTheEdgesOfABlock) {
  for (const RunnableLevel &level : runnableLevels())
    for (Heads h : kHeads)
      for (KvKind kind : kKinds) {
        check({*library, level}, Problem(h, kind, 0, 3), boundOf(kind));
        check({*library, level}, Problem(h, kind, 57, 13), boundOf(kind));
        check({*library, level}, Problem(h, kind, 127, 2), boundOf(kind));
      }
}

TEST_F(AttentionTest, LongContext) {
  // More blocks than the factors that are computed together.
  for (const RunnableLevel &level : runnableLevels())
    for (KvKind kind : kKinds) {
      // The floats of a machine without vectors of them take seconds.
      check({*library, level},
            inPrograms() ? Problem({9, 3, 64}, kind, 1022, 4) : Problem({9, 3, 64}, kind, 1020, 9),
            boundOf(kind));
      if (!emulated()) // the reference takes seconds there
        check({*library, level}, Problem({5, 1, 64}, kind, 1270, 10), boundOf(kind));
    }
}

// Of equal scores and equal scales every weight is the largest, which 14 bits hold exactly: the
// integers show no rounding then.
TEST_F(AttentionTest, EqualWeightsOfBytesAreExact) {
  for (const RunnableLevel &level : runnableLevels())
    for (Heads h : kHeads) {
      Problem p(h, KvKind::Q8, 61, 6);
      std::fill(p.q.begin(), p.q.end(), 0.0f);
      p.bytes = QueryBytes(p.q, h.headDim);
      p.largestValue = 0;
      for (int64_t head = 0; head < h.kvHeads; ++head)
        for (int64_t at = 0; at < p.position + p.rows; ++at)
          for (int64_t d = 0; d < h.headDim; ++d) {
            const float value = 0.0078125f * float((at * 37 + d * 11 + head) % 255 - 127);
            p.slot.set(p.slot.value(head, at, d), value, 0.0078125f);
            p.largestValue = std::max(p.largestValue, std::fabs(value));
          }
      check({*library, level}, p, kAttentionRelative);
    }
}

TEST_F(AttentionTest, LargeScoresStayFinite) {
  for (const RunnableLevel &level : runnableLevels()) {
    Problem p({9, 3, 64}, KvKind::F32, 200, 4);
    for (float &value : p.q)
      value *= 1000;
    for (float y : decode({*library, level}, p))
      ASSERT_TRUE(std::isfinite(y));
    EXPECT_TRUE(sameBits(decode({*library, level}, p), prefill({*library, level}, p, 8)));
  }
}

} // namespace
