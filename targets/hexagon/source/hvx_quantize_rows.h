// The loops of quantize and quantize_token.

namespace {

constexpr int kVectors = kCols / kLanes; // of a row

// A scale each 32 columns.
void quantizeRow(const float *x, uint8_t *q, float *scale, float *sum) {
  for (int g = 0; g < kVectors; g += 4) {
    const int groups = least(4, kVectors - g);
    Words v[4];
    for (int i = 0; i < 4; ++i)
      v[i] = load(x + kLanes * (g + least(i, groups - 1)));
    quantizeGroups(v, groups, q + kLanes * g, scale + g, sum + g);
  }
}

// `count` vectors, at most four; adds their integers to `total`.
inline void quantizeFour(const float *x, int count, uint8_t *q, const Inverse &inverse,
                         Words &total) {
  Words v[4] = {};
  for (int i = 0; i < count; ++i) {
    v[i] = quantized(load(x + kLanes * i), inverse);
    total = Q6_Vw_vadd_VwVw(total, v[i]);
  }
  storeFirst(q, packed(v), kLanes * count);
}

// One scale.
void quantizeToken(const float *x, uint8_t *q, float *scale, float *sum) {
  constexpr int kRest = kVectors % 4, kWhole = kVectors - kRest;
  Words largest = splat(0), total = splat(0);
  for (int i = 0; i < kVectors; ++i)
    largest = Q6_Vw_vmax_VwVw(largest, magnitude(load(x + kLanes * i)));
  *scale = scaleOf(asFloat(uint32_t(largestOf(largest))));
  const Inverse inverse = inverseOf(*scale);
  for (int i = 0; i < kWhole; i += 4)
    quantizeFour(x + kLanes * i, 4, q + kLanes * i, inverse, total);
  if (kRest)
    quantizeFour(x + kLanes * kWhole, kRest, q + kLanes * kWhole, inverse, total);
  *sum = float(sumOf(total));
}

void run(int begin, int end, const ingot_buffer *x, const ingot_buffer *q,
         const ingot_buffer *scale, const ingot_buffer *sum) {
  constexpr int kScales = kWholeRow ? 1 : kVectors;
  for (int row = begin; row < end; ++row)
    (kWholeRow ? quantizeToken : quantizeRow)(floatsOf(x) + kCols * row, bytesOf(q) + kCols * row,
                                              floatsOf(scale) + kScales * row,
                                              floatsOf(sum) + kScales * row);
}

} // namespace
