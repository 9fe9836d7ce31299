//===- RopeTest.cpp - Angles, q, and the cache's keys and values ----------===//
//
// Angles against the C library's double precision up to 131,072 radians. Roped
// values against double precision. What f16 and q8 caches hold follows bit for
// bit from what the f32 cache holds. Any split into units gives the same, and
// nothing outside the share is touched.
//
//===----------------------------------------------------------------------===//

#include "test/kernels/KvReference.h"
#include "test/kernels/VectorTest.h"

using namespace ingot;
using namespace ingot::test;

namespace {

struct Heads {
  int64_t heads, kvHeads, headDim;

  int64_t width() const { return ((heads + 2 * kvHeads) * headDim + 15) / 16 * 16; }
};

constexpr Heads kHeads[] = {{1, 1, 4},  {3, 1, 8},  {4, 1, 16},  {5, 1, 64},
                            {9, 3, 64}, {2, 2, 80}, {2, 1, 128}, {2, 2, 10}};
constexpr KvKind kKinds[] = {KvKind::F32, KvKind::F16, KvKind::Q8};
constexpr int32_t kRows = 5, kPosition = 62; // crosses the edge of a block
constexpr int64_t kCapacity = 192;

KernelSpec angles(int64_t headDim) { return {"rope_angles", {{"head_dim", headDim}}}; }

KernelSpec withHeads(std::string algorithm, Heads h, int64_t unit) {
  return {std::move(algorithm),
          {{"heads", h.heads}, {"kv_heads", h.kvHeads}, {"head_dim", h.headDim}, {"unit", unit}}};
}

KernelSpec ropeQ(Heads h) { return withHeads("rope_q", h, kvUnit(KvKind::F16, h.headDim)); }

KernelSpec ropeQBytes(Heads h) { return withHeads("rope_q_q8", h, kvUnit(KvKind::Q8, h.headDim)); }

KernelSpec store(bool keys, KvKind kind, Heads h) {
  return withHeads((keys ? "kv_store_k_" : "kv_store_v_") + std::string(kvKindName(kind)), h,
                   kvUnit(kind, h.headDim));
}

class RopeTest : public testing::Test {
protected:
  static void SetUpTestSuite() {
    library = new KernelLibrary;
    for (const RunnableLevel &level : runnableLevels())
      for (Heads h : kHeads) {
        library->add(angles(h.headDim), level);
        library->add(ropeQ(h), level);
        library->add(ropeQBytes(h), level);
        for (KvKind kind : kKinds)
          for (bool keys : {true, false})
            library->add(store(keys, kind, h), level);
      }
    buildError = library->build();
  }
  static void TearDownTestSuite() { delete library; }
  void SetUp() override { ASSERT_EQ("", buildError); }

  static void forEach(const std::function<void(const KernelAt &, Heads)> &body) {
    for (const RunnableLevel &level : runnableLevels())
      for (Heads h : kHeads) {
        SCOPED_TRACE(std::string(level.level->name) + " heads " + std::to_string(h.heads) + "/" +
                     std::to_string(h.kvHeads) + " head_dim " + std::to_string(h.headDim));
        body({*library, level}, h);
      }
  }

  static KernelLibrary *library;
  static std::string buildError;
};

KernelLibrary *RopeTest::library;
std::string RopeTest::buildError;

std::vector<float> frequencies(int64_t headDim) {
  std::vector<float> f(headDim / 2);
  for (size_t i = 0; i < f.size(); ++i)
    f[i] = float(std::pow(10000.0, -2.0 * double(i) / double(headDim)));
  return f;
}

/// The inputs of a step: the QKV product and the angles of its rows.
struct Step {
  std::vector<float> qkv, cs;

  Step(const KernelAt &call, Heads h)
      : qkv(randomFloats(kRows * h.width(), unsigned(h.headDim), 3.0f)), cs(kRows * h.headDim) {
    const std::vector<float> f = frequencies(h.headDim);
    call(angles(h.headDim), {0, kRows, kPosition}, {f, cs});
  }

  /// Row `matrixRow` of token row `r`, roped; `size` is |a| + |b|.
  double roped(Heads h, int64_t matrixRow, int64_t r, double &size) const {
    const int64_t pair = matrixRow / 2 * 2, dim = pair % h.headDim;
    const double a = qkv[r * h.width() + pair], b = qkv[r * h.width() + pair + 1];
    const double c = cs[r * h.headDim + dim], s = cs[r * h.headDim + dim + 1];
    size = std::fabs(a) + std::fabs(b);
    return matrixRow % 2 ? b * c + a * s : a * c - b * s;
  }
};

TEST_F(RopeTest, AnglesAreAccurateFarOut) {
  forEach([](const KernelAt &call, Heads h) {
    const std::vector<float> f = frequencies(h.headDim);
    for (int32_t position : {0, 1, 2047, 65535, 131070}) {
      std::vector<float> cs(4 * h.headDim, kUntouched);
      call(angles(h.headDim), {1, 3, position}, {f, cs});
      for (int64_t r = 0; r < 4; ++r)
        for (int64_t i = 0; i < h.headDim / 2; ++i) {
          const float *at = &cs[r * h.headDim + 2 * i];
          if (r == 0 || r == 3) {
            ASSERT_EQ(kUntouched, at[0]);
            ASSERT_EQ(kUntouched, at[1]);
            continue;
          }
          const float angle = float(position + int32_t(r)) * f[i];
          ASSERT_NEAR(std::cos(double(angle)), at[0], kAngleAbsolute) << angle;
          ASSERT_NEAR(std::sin(double(angle)), at[1], kAngleAbsolute) << angle;
        }
    }
  });
}

TEST_F(RopeTest, QIsRopedAndScaled) {
  forEach([](const KernelAt &call, Heads h) {
    const Step step(call, h);
    const int64_t rows = h.heads * h.headDim, unit = kvUnit(KvKind::F16, h.headDim);
    const int32_t units = int32_t(rows / unit), split = units / 2;
    std::vector<float> q(kRows * rows, kUntouched);
    call(ropeQ(h), {kRows, split, units}, {step.qkv, step.cs, q});
    for (int64_t i = 0; i < kRows * rows; ++i)
      if (i % rows < split * unit)
        ASSERT_EQ(kUntouched, q[i]);
    call(ropeQ(h), {kRows, 0, split}, {step.qkv, step.cs, q});
    for (int64_t i = 0; i < kRows * rows; ++i) {
      double size;
      const double scale = 1 / std::sqrt(double(h.headDim));
      const double expected = step.roped(h, i % rows, i / rows, size) * scale;
      ASSERT_NEAR(expected, q[i], kRopeRelative * size * scale) << i;
    }
    // A row alone.
    std::vector<float> alone(q.size(), kUntouched);
    for (int64_t r = 0; r < kRows; ++r)
      call(ropeQ(h), {1, 0, units},
           {{step.qkv, r * h.width()}, {step.cs, r * h.headDim}, {alone, r * rows}});
    EXPECT_TRUE(sameBits(q, alone));
  });
}

TEST_F(RopeTest, BytesOfQAreItsFloatsRounded) {
  forEach([](const KernelAt &call, Heads h) {
    Step step(call, h);
    const int64_t dims = h.heads * h.headDim, unit = kvUnit(KvKind::Q8, h.headDim);
    const int64_t stored = (unit + 3) / 4 * 4, units = dims / unit;
    // A unit of zeros, and one too small for a scale.
    std::fill_n(&step.qkv[0], unit, 0.0f);
    std::fill_n(&step.qkv[h.width()], unit, 1e-35f);
    std::vector<float> floats(kRows * dims);
    call(ropeQ(h), {kRows, 0, int32_t(dims / kvUnit(KvKind::F16, h.headDim))},
         {step.qkv, step.cs, floats});
    std::vector<int8_t> expected, q(size_t(kRows * units * stored), 77);
    std::vector<float> scales, sums, scale(kRows * units, kUntouched), sum(scale);
    for (int64_t first = 0; first < kRows * dims; first += unit) {
      float most = 0, total = 0;
      for (int64_t i = 0; i < unit; ++i)
        most = std::max(most, std::fabs(floats[first + i]));
      scales.push_back(most >= 0x1p-100f ? most / 127.0f : 0.0f);
      const float inverse = scales.back() > 0 ? 1.0f / scales.back() : 0.0f;
      for (int64_t i = 0; i < stored; ++i) {
        expected.push_back(i < unit ? int8_t(std::nearbyint(floats[first + i] * inverse)) : 0);
        total += expected.back();
      }
      sums.push_back(total);
    }
    // In two parts of the units; nothing outside of a part is touched.
    const int32_t split = int32_t(units) / 2;
    call(ropeQBytes(h), {kRows, split, int32_t(units)}, {step.qkv, step.cs, q, scale, sum});
    for (int64_t i = 0; i < kRows * units; ++i)
      if (i % units < split) {
        ASSERT_EQ(kUntouched, scale[i]);
        ASSERT_EQ(kUntouched, sum[i]);
        ASSERT_EQ(77, q[i * stored]);
      }
    call(ropeQBytes(h), {kRows, 0, split}, {step.qkv, step.cs, q, scale, sum});
    EXPECT_TRUE(sameBits(scales, scale));
    EXPECT_TRUE(sameBits(expected, q));
    EXPECT_TRUE(sameBits(sums, sum));
  });
}

/// Stores keys or values of all units of a step.
KvSlot runStore(const KernelAt &call, Heads h, KvKind kind, bool keys, const Step &step,
                bool inParts) {
  KvSlot slot(KvLayout(kind, h.kvHeads, h.headDim), kCapacity);
  std::vector<Buffer> buffers = {step.qkv};
  if (keys)
    buffers.push_back(step.cs);
  buffers.push_back(slot.bytes);
  if (slot.layout.scaled())
    buffers.push_back(slot.bytes);
  const int32_t units = int32_t(h.kvHeads * h.headDim / slot.layout.unit);
  if (!inParts) {
    call(store(keys, kind, h), {kRows, 0, units, kPosition}, buffers);
    return slot;
  }
  for (int32_t r = 0; r < kRows; ++r) {
    buffers[0] = {step.qkv, r * h.width()};
    if (keys)
      buffers[1] = {step.cs, r * h.headDim};
    for (int32_t u = units; u-- > 0;)
      call(store(keys, kind, h), {1, u, u + 1, kPosition + r}, buffers);
  }
  return slot;
}

TEST_F(RopeTest, FloatCacheHoldsRopedKeysAndPlainValues) {
  forEach([](const KernelAt &call, Heads h) {
    const Step step(call, h);
    for (bool keys : {true, false}) {
      const KvSlot slot = runStore(call, h, KvKind::F32, keys, step, /*inParts=*/false);
      for (int64_t head = 0; head < h.kvHeads; ++head)
        for (int64_t r = 0; r < kRows; ++r)
          for (int64_t d = 0; d < h.headDim; ++d) {
            const int64_t row = (h.heads + head) * h.headDim + d, p = kPosition + r;
            double size;
            if (keys) {
              const double expected = step.roped(h, row, r, size);
              ASSERT_NEAR(expected, slot.get(slot.key(head, p, d)), kRopeRelative * size);
            } else {
              ASSERT_EQ(step.qkv[r * h.width() + row + h.kvHeads * h.headDim],
                        slot.get(slot.value(head, p, d)));
            }
          }
    }
  });
}

/// What a slot must be, byte for byte, when its floats are those of `floats`.
KvSlot convert(const KvSlot &floats, KvKind kind, bool keys, Heads h) {
  KvSlot slot(KvLayout(kind, h.kvHeads, h.headDim), kCapacity);
  const auto at = [&](const KvSlot &s, int64_t head, int64_t p, int64_t d) {
    return keys ? s.key(head, p, d) : s.value(head, p, d);
  };
  const int64_t unit = slot.layout.unit;
  for (int64_t head = 0; head < h.kvHeads; ++head)
    for (int64_t p = kPosition; p < kPosition + kRows; ++p)
      for (int64_t d = 0; d < h.headDim; d += unit) {
        float most = 0;
        for (int64_t i = d; i < d + unit; ++i)
          most = std::max(most, std::fabs(floats.get(at(floats, head, p, i))));
        const uint16_t scale = floatToHalf(std::min(most / 127.0f, 65504.0f));
        const float inverse = halfToFloat(scale) > 0 ? 1.0f / halfToFloat(scale) : 0.0f;
        for (int64_t i = d; i < d + unit; ++i) {
          const float value = floats.get(at(floats, head, p, i));
          const KvSlot::Place to = at(slot, head, p, i);
          if (kind == KvKind::F16) {
            slot.set(to, std::clamp(value, -65504.0f, 65504.0f), 0);
            continue;
          }
          std::memcpy(&slot.bytes[to.scale], &scale, 2);
          slot.bytes[to.element] =
              uint8_t(int8_t(std::nearbyint(std::clamp(value * inverse, -127.0f, 127.0f))));
        }
        // What fills up the last quad of keys repeats the unit's last dim.
        const size_t last = at(slot, head, p, d + unit - 1).element;
        for (int64_t i = unit; keys && kind == KvKind::Q8 && i % 4; ++i)
          slot.bytes[last + size_t(i - unit + 1)] = slot.bytes[last];
      }
  return slot;
}

TEST_F(RopeTest, SmallCachesHoldWhatTheFloatCacheHoldsRounded) {
  forEach([](const KernelAt &call, Heads h) {
    Step step(call, h);
    // Zeros, and numbers that no half can hold, in the values of two rows.
    const int64_t v = (h.heads + h.kvHeads) * h.headDim;
    std::fill_n(&step.qkv[v], h.kvHeads * h.headDim, 0.0f);
    step.qkv[h.width() + v + 1] = -1e6f;
    step.qkv[2 * h.width() + v] = 1e12f;
    step.qkv[3 * h.width() + v] = 1e-9f;
    for (bool keys : {true, false}) {
      const KvSlot floats = runStore(call, h, KvKind::F32, keys, step, /*inParts=*/false);
      for (KvKind kind : {KvKind::F16, KvKind::Q8}) {
        const KvSlot expected = convert(floats, kind, keys, h);
        const KvSlot found = runStore(call, h, kind, keys, step, /*inParts=*/false);
        EXPECT_TRUE(sameBits(expected.bytes, found.bytes)) << kvKindName(kind) << keys;
      }
    }
  });
}

TEST_F(RopeTest, StoringInPartsIsTheSame) {
  forEach([](const KernelAt &call, Heads h) {
    const Step step(call, h);
    for (bool keys : {true, false})
      for (KvKind kind : kKinds)
        EXPECT_TRUE(sameBits(runStore(call, h, kind, keys, step, /*inParts=*/false).bytes,
                             runStore(call, h, kind, keys, step, /*inParts=*/true).bytes))
            << kvKindName(kind) << keys;
  });
}

} // namespace
