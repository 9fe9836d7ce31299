// A group's integer I becomes a float without an instruction. Let B = 1.5 * 2^23: floats from
// 2^23 to 2^24 are integers, one apart, so for |I| < 2^22 the bits of the float B + I are the
// bits of B plus I. A sum that begins with the bits of B, read as a float, is therefore exactly
// B + I, and
//   B + I - z * t       is exact in one fused multiply-add while it stays in that range
//   fma(B + I, d, -B*d) rounds once, (B + I) * d - B * d = I * d: the bits of I * d,
//                       since -B * d is exact (2 bits of B times at most 11 of d).
// A group has |I| <= 255 * 127 * 32 < 2^20, and so has what a zero point takes from it. (Where
// I is 0, the product's zero may have the other sign; a sum that began with +0 never shows it.)

namespace {

constexpr float kBase = 12582912.0f; // B

} // namespace
