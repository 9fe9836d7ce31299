// Floats in vectors of 32 integers: HVX has no vectors of floats before v68, and what was tested is
// this. A float is sign, exponent and mantissa (24 bits with the one that is not stored); less than
// 2^-126 counts as zero.
//
// "Q30" is a word that counts units of 2^-30.

struct ingot_buffer {
  uint64_t device;
  const void *device_interface;
  uint8_t *host; // nothing else is read
};

namespace {

// Which of these functions are called depends on the kernel.
#pragma clang diagnostic ignored "-Wunused-function"

using Words = HVX_Vector;

constexpr int kLanes = 32, kVectorBytes = 128;

inline float *floatsOf(const ingot_buffer *buffer) {
  return reinterpret_cast<float *>(buffer->host);
}
inline uint8_t *bytesOf(const ingot_buffer *buffer) { return buffer->host; }
inline int least(int a, int b) { return a < b ? a : b; }

inline Words splat(uint32_t word) { return Q6_V_vsplat_R(int32_t(word)); }
inline Words load(const void *at) { return *static_cast<const HVX_UVector *>(at); }
inline void store(void *at, Words v) { *static_cast<HVX_UVector *>(at) = v; }

// The first `bytes` bytes: what a vector that crosses a vector's boundary leaves in the two vectors
// of memory. Bytes behind them belong to others.
inline void storeFirst(uint8_t *at, Words v, int bytes) {
  if (bytes == kVectorBytes)
    return store(at, v);
  const int begin = int(uintptr_t(at) % kVectorBytes), end = begin + bytes;
  Words *line = reinterpret_cast<Words *>(at - begin);
  v = Q6_V_vlalign_VVR(v, v, begin);
  if (end <= kVectorBytes) {
    Q6_vmem_QRIV(Q6_Q_and_QQn(Q6_Q_vsetq2_R(end), Q6_Q_vsetq_R(begin)), line, v);
    return;
  }
  Q6_vmem_QnRIV(Q6_Q_vsetq_R(begin), line, v);
  Q6_vmem_QRIV(Q6_Q_vsetq_R(end), line + 1, v);
}

inline Words magnitude(Words bits) { return Q6_V_vand_VV(bits, splat(0x7fffffff)); }

// Of a magnitude, with what is added to it: 127.
inline Words exponent(Words magnitude) { return Q6_Vuw_vlsr_VuwR(magnitude, 23); }

// The mantissa, 1 to 2, in Q30.
inline Words mantissa(Words bits) {
  return Q6_Vuw_vlsr_VuwR(Q6_V_vor_VV(Q6_Vw_vasl_VwR(bits, 8), splat(0x80000000)), 1);
}

// a * b / 2^31, rounded: Qm times Qn is Q(m + n - 31).
inline Words multiply(Words a, Words b) {
  return Q6_Vw_vmpyoacc_VwVwVh_s1_rnd_sat_shift(Q6_Vw_vmpye_VwVuh(a, b), a, b);
}

// a * b, all 64 bits: the upper words and the lower ones.
inline HVX_VectorPair multiplyWide(Words a, Words b) {
  return Q6_W_vmpyoacc_WVwVh(Q6_W_vmpye_VwVuh(a, b), a, b);
}

// c[0] + x * (c[1] + ...): coefficients and result in Qn, whatever n is; x in Q31.
template <int N> inline Words horner(Words x, const int32_t (&c)[N]) {
  Words sum = splat(uint32_t(c[N - 1]));
  for (int i = N - 2; i >= 0; --i)
    sum = Q6_Vw_vadd_VwVw(multiply(sum, x), splat(uint32_t(c[i])));
  return sum;
}

inline float asFloat(uint32_t bits) { return __builtin_bit_cast(float, bits); }
inline uint32_t asBits(float value) { return __builtin_bit_cast(uint32_t, value); }

// The largest of the words, and their sum.
inline int32_t largestOf(Words v) {
  for (int bytes = kVectorBytes / 2; bytes >= 4; bytes /= 2)
    v = Q6_Vw_vmax_VwVw(v, Q6_V_vror_VR(v, bytes));
  return Q6_R_vextract_VR(v, 0);
}
inline int32_t sumOf(Words v) {
  for (int bytes = kVectorBytes / 2; bytes >= 4; bytes /= 2)
    v = Q6_Vw_vadd_VwVw(v, Q6_V_vror_VR(v, bytes));
  return Q6_R_vextract_VR(v, 0);
}

} // namespace
