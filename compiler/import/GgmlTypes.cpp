#include "compiler/import/GgmlTypes.h"

#include "llvm/ADT/STLExtras.h"

using namespace ingot;

/// Sorted by number. Gaps are types that ggml removed: q4_2, q4_3, the
/// interleaved q4_0 variants and the interleaved iq4_nl variants.
static constexpr GgmlType ggmlTypes[] = {
    {0, "f32", 1, 4, TensorType::F32},      {1, "f16", 1, 2, TensorType::F16},
    {2, "q4_0", 32, 18, TensorType::Q4_0},  {3, "q4_1", 32, 20, TensorType::Q4_1},
    {6, "q5_0", 32, 22, std::nullopt},      {7, "q5_1", 32, 24, std::nullopt},
    {8, "q8_0", 32, 34, TensorType::Q8_0},  {9, "q8_1", 32, 36, std::nullopt},
    {10, "q2_k", 256, 84, std::nullopt},    {11, "q3_k", 256, 110, std::nullopt},
    {12, "q4_k", 256, 144, std::nullopt},   {13, "q5_k", 256, 176, std::nullopt},
    {14, "q6_k", 256, 210, std::nullopt},   {15, "q8_k", 256, 292, std::nullopt},
    {16, "iq2_xxs", 256, 66, std::nullopt}, {17, "iq2_xs", 256, 74, std::nullopt},
    {18, "iq3_xxs", 256, 98, std::nullopt}, {19, "iq1_s", 256, 50, std::nullopt},
    {20, "iq4_nl", 32, 18, std::nullopt},   {21, "iq3_s", 256, 110, std::nullopt},
    {22, "iq2_s", 256, 82, std::nullopt},   {23, "iq4_xs", 256, 136, std::nullopt},
    {24, "i8", 1, 1, std::nullopt},         {25, "i16", 1, 2, std::nullopt},
    {26, "i32", 1, 4, std::nullopt},        {27, "i64", 1, 8, std::nullopt},
    {28, "f64", 1, 8, std::nullopt},        {29, "iq1_m", 256, 56, std::nullopt},
    {30, "bf16", 1, 2, TensorType::BF16},   {34, "tq1_0", 256, 54, std::nullopt},
    {35, "tq2_0", 256, 66, std::nullopt},   {39, "mxfp4", 32, 17, std::nullopt},
    {40, "nvfp4", 64, 36, std::nullopt},    {41, "q1_0", 128, 18, std::nullopt},
};

const GgmlType *ingot::findGgmlType(uint32_t number) {
  const GgmlType *at = llvm::lower_bound(
      ggmlTypes, number, [](const GgmlType &type, uint32_t n) { return type.number < n; });
  return at != std::end(ggmlTypes) && at->number == number ? at : nullptr;
}
