// The loops of swiglu and swiglu_quantize. A row of `gu` is groups, each kGroup gates and then as
// many of the other factor.

namespace {

constexpr int kGroups = (kFeatures + kGroup - 1) / kGroup;
constexpr int kWidth = kGroups * 2 * kGroup; // of a row of gu

// 32 features from the beginning of a group on. Of two groups of 16 the second may not be there.
inline Words features(const float *group, bool second) {
  const Words a = load(group), b = kGroup == kLanes || second ? load(group + kLanes) : a;
  if (kGroup == kLanes)
    return gated(a, b);
  const HVX_VectorPair halves = Q6_W_vshuff_VVR(b, a, kVectorBytes / 2);
  return gated(Q6_V_lo_W(halves), Q6_V_hi_W(halves));
}

// Two vectors at a time: each is one long chain of dependent instructions, 80 packets by itself and
// 53 beside another.
void run(int rows, int begin, int end, const ingot_buffer *gu, const ingot_buffer *y) {
  const int first = begin * kGroup, last = least(end * kGroup, kFeatures);
  for (int row = 0; row < rows; ++row) {
    const float *in = floatsOf(gu) + kWidth * row;
    float *out = floatsOf(y) + kFeatures * row;
    int f = first;
    for (; f + 2 * kLanes <= last; f += 2 * kLanes) {
      const Words a = features(in + 2 * f, true), b = features(in + 2 * (f + kLanes), true);
      store(out + f, a);
      store(out + f + kLanes, b);
    }
    for (; f < last; f += kLanes)
      storeFirst(reinterpret_cast<uint8_t *>(out + f), features(in + 2 * f, last - f > kGroup),
                 4 * least(last - f, kLanes));
  }
}

// The same, quantised; groups of 32.
void run(int rows, int begin, int end, const ingot_buffer *gu, const ingot_buffer *y,
         const ingot_buffer *q, const ingot_buffer *scale, const ingot_buffer *sum) {
  for (int row = 0; row < rows; ++row)
    for (int g = begin; g < end; g += 4) {
      const int groups = least(4, end - g), at = kGroups * row + g;
      Words v[4];
      for (int i = 0; i < 4; ++i) {
        v[i] = i < groups ? features(floatsOf(gu) + 2 * kGroup * (at + i), true) : v[0];
        if (i < groups)
          store(floatsOf(y) + kGroup * (at + i), v[i]);
      }
      quantizeGroups(v, groups, bytesOf(q) + kGroup * at, floatsOf(scale) + at, floatsOf(sum) + at);
    }
}

} // namespace
