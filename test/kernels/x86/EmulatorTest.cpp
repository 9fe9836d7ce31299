//===- EmulatorTest.cpp - The supplied instructions against scalar code ---===//
//
// Every form of operand, as assembly. Where the machine has an instruction the
// test is of the machine.
//
//===----------------------------------------------------------------------===//

#include "test/kernels/x86/Emulator.h"
#include "test/kernels/x86/Instruction.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <random>

using namespace ingot::test;

namespace {

TEST(Decode, NothingElse) {
  const Registers registers = {};
  const uint8_t good[16] = {0xc4, 0xe2, 0x5d, 0x50, 0xc5}; // vpdpbusd %ymm5, %ymm4, %ymm0
  ASSERT_TRUE(decode(good, registers));
  EXPECT_EQ(decode(good, registers)->length, 5u);
  struct {
    int at;
    uint8_t value;
  } changes[] = {{0, 0xc5}, {0, 0x0f}, {1, 0xe1}, {2, 0xdd}, {2, 0x5c}, {2, 0x5e}, {3, 0x51}};
  for (const auto &[at, value] : changes) {
    uint8_t code[16];
    std::memcpy(code, good, sizeof code);
    code[at] = value;
    EXPECT_FALSE(decode(code, registers)) << at << " " << int(value);
  }
  const uint8_t others[][6] = {
      {0xc4, 0xe2, 0x79, 0x49, 0x00}, // sttilecfg: nobody needs it
      {0xc4, 0xe2, 0x78, 0x49, 0xc1}, // as tilerelease, of another register
      {0xc4, 0xe2, 0x7b, 0x49, 0xc1}, // tilezero, likewise
      {0xc4, 0xe2, 0x7b, 0x4b, 0x00}, // tileloadd without an index byte
      {0xc4, 0xe2, 0x73, 0x5e, 0x02}, // tdpbssd with memory
  };
  for (const auto &code : others)
    EXPECT_FALSE(decode(code, registers)) << int(code[3]);
}

#if defined(__x86_64__) && defined(__linux__)

class Supplied : public testing::Test {
protected:
  void SetUp() override {
    if (!__builtin_cpu_supports("avx2"))
      GTEST_SKIP() << "the machine has no AVX2";
    ASSERT_TRUE(supplyInstructions());
    for (auto *bytes : {sums, weights, activations, untouched})
      for (int i = 0; i < 32; ++i)
        bytes[i] = uint8_t(random());
    std::memcpy(around + 64, activations, 32);
    std::memcpy(expected, sums, 32);
    for (int i = 0; i < 32; i += 4) {
      uint32_t sum;
      std::memcpy(&sum, expected + i, 4);
      for (int j = i; j < i + 4; ++j)
        sum += uint32_t(int(weights[j]) * int8_t(activations[j]));
      std::memcpy(expected + i, &sum, 4);
    }
  }

  std::mt19937 random{1};
  alignas(64) uint8_t sums[32], weights[32], activations[32], untouched[32], expected[32];
  // The activations, 64 bytes behind its begin. What lies before it is room for a signal's frame,
  // where a form has the stack's pointer here.
  static inline uint8_t room[1 << 16];
  uint8_t *const around = room + sizeof room - 160;
};

// One instruction with the sums in register A, the weights in B, the activations in C and at 64 in
// `around`, whose address is in rax; rcx is 16, rsp and rbp are what a form makes of them.
#define DOT(A, B, C, PROLOGUE, INSTRUCTION, EPILOGUE)                                              \
  do {                                                                                             \
    uint8_t out[32], other[32], *rax = around;                                                     \
    asm volatile("vmovdqu (%[sums]), %%ymm" #A "\n\tvmovdqu (%[weights]), %%ymm" #B                \
                 "\n\tvmovdqu 64(%%rax), %%ymm" #C "\n\tvmovdqu (%[untouched]), %%ymm6"            \
                 "\n\tmovq $16, %%rcx\n\t" PROLOGUE "%{vex%} vpdpbusd " INSTRUCTION                \
                 "\n\t" EPILOGUE "vmovdqu %%ymm" #A                                                \
                 ", (%[out])\n\tvmovdqu %%ymm6, (%[other])\n\tvzeroupper"                          \
                 : "+a"(rax)                                                                       \
                 : [sums] "S"(sums), [weights] "D"(weights), [untouched] "b"(untouched),           \
                   [out] "r"(out), [other] "r"(other)                                              \
                 : "memory", "rcx", "r11", "r12", "r13", "r14", "xmm0", "xmm1", "xmm2", "xmm3",    \
                   "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",      \
                   "xmm13", "xmm14", "xmm15");                                                     \
    EXPECT_EQ(std::memcmp(out, expected, 32), 0) << INSTRUCTION;                                   \
    EXPECT_EQ(std::memcmp(other, untouched, 32), 0) << INSTRUCTION;                                \
  } while (0)

TEST_F(Supplied, DotProductsOfRegisters) {
  DOT(0, 1, 2, "", "%%ymm2, %%ymm1, %%ymm0", "");
  DOT(15, 1, 2, "", "%%ymm2, %%ymm1, %%ymm15", "");
  DOT(0, 15, 2, "", "%%ymm2, %%ymm15, %%ymm0", "");
  DOT(0, 1, 15, "", "%%ymm15, %%ymm1, %%ymm0", "");
  DOT(8, 9, 10, "", "%%ymm10, %%ymm9, %%ymm8", "");
}

TEST_F(Supplied, DotProductsOfMemory) {
  DOT(0, 1, 2, "addq $64, %%rax\n\t", "(%%rax), %%ymm1, %%ymm0", "");
  DOT(9, 8, 2, "", "64(%%rax), %%ymm8, %%ymm9", "");
  DOT(0, 1, 2, "subq $4096, %%rax\n\t", "4160(%%rax), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "addq $128, %%rax\n\t", "-64(%%rax), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "addq $48, %%rax\n\t", "(%%rax,%%rcx), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "", "(%%rax,%%rcx,4), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "", "32(%%rax,%%rcx,2), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "subq $1024, %%rax\n\t", "1056(%%rax,%%rcx,2), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "movq %%rax, %%r12\n\t", "64(%%r12), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "leaq 64(%%rax), %%r13\n\t", "(%%r13), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "movq %%rax, %%r13\n\tmovq %%rcx, %%r12\n\t", "(%%r13,%%r12,4), %%ymm1, %%ymm0", "");
  // An index alone, and rsp and rbp as bases.
  DOT(0, 1, 2, "leaq -64(%%rax), %%r14\n\t", "128(,%%r14), %%ymm1, %%ymm0", "");
  DOT(0, 1, 2, "movq %%rsp, %%r11\n\tmovq %%rax, %%rsp\n\t", "64(%%rsp), %%ymm1, %%ymm0",
      "movq %%r11, %%rsp\n\t");
  DOT(0, 1, 2, "movq %%rbp, %%r11\n\tleaq 64(%%rax), %%rbp\n\t", "(%%rbp), %%ymm1, %%ymm0",
      "movq %%r11, %%rbp\n\t");
  // Relative to what follows the instruction; the constant is ones.
  std::memset(activations, 1, 32);
  std::memcpy(expected, sums, 32);
  for (int i = 0; i < 32; i += 4) {
    uint32_t sum;
    std::memcpy(&sum, expected + i, 4);
    sum += weights[i] + weights[i + 1] + weights[i + 2] + weights[i + 3];
    std::memcpy(expected + i, &sum, 4);
  }
  DOT(0, 1, 2, "jmp 2f\n\t1: .fill 32, 1, 1\n\t2: ", "1b(%%rip), %%ymm1, %%ymm0", "");
}

TEST_F(Supplied, DotProductsOf128BitsClearTheRest) {
  std::memset(expected + 16, 0, 16);
  DOT(0, 1, 2, "", "%%xmm2, %%xmm1, %%xmm0", "");
  DOT(12, 13, 2, "", "64(%%rax), %%xmm13, %%xmm12", "");
}

/// Three tiles of 5 x 12, 5 x 20 and 5 x 12: sums, A and B.
struct Config {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t rowBytes[16] = {48, 20, 48};
  uint8_t rows[16] = {5, 5, 5};
};

#define TILE_PRODUCT(NAME, SIGNED_A, SIGNED_B)                                                     \
  do {                                                                                             \
    int32_t found[5][16], zeroed[5][16];                                                           \
    std::memset(found, 7, sizeof found);                                                           \
    asm volatile("ldtilecfg (%[config])\n\ttileloadd (%[a],%[stride],1), %%tmm1\n\t"               \
                 "tileloaddt1 (%[b],%[stride],2), %%tmm2\n\ttileloadd (%[c]), %%tmm0\n\t" NAME     \
                 " %%tmm2, %%tmm1, %%tmm0\n\ttilestored %%tmm0, (%[found],%[stride],2)\n\t"        \
                 "tilezero %%tmm0\n\ttilestored %%tmm0, 8(%[zeroed],%[stride],2)\n\ttilerelease"   \
                 :                                                                                 \
                 : [config] "r"(&config), [a] "r"(a), [b] "r"(b), [c] "r"(c),                      \
                   [stride] "r"(int64_t(32)), [found] "r"(found), [zeroed] "r"(zeroed)             \
                 : "memory");                                                                      \
    for (int m = 0; m < 5; ++m)                                                                    \
      for (int n = 0; n < 12; ++n) {                                                               \
        int sum = c[n]; /* the same row for all of them */                                         \
        for (int k = 0; k < 20; ++k)                                                               \
          sum += (SIGNED_A ? int8_t(a[m][k]) : int(a[m][k])) *                                     \
                 (SIGNED_B ? int8_t(b[k / 4][4 * n + k % 4]) : int(b[k / 4][4 * n + k % 4]));      \
        EXPECT_EQ(found[m][n], sum) << NAME << " " << m << " " << n;                               \
        EXPECT_EQ(zeroed[m][n + 2], 0);                                                            \
      }                                                                                            \
    EXPECT_EQ(found[0][12], 0x07070707) << "a row has 12";                                         \
  } while (0)

TEST_F(Supplied, ProductsOfTiles) {
  Config config;
  uint8_t a[5][32], b[5][64];
  int32_t c[16];
  for (auto &row : a)
    for (uint8_t &byte : row)
      byte = uint8_t(random());
  for (auto &row : b)
    for (uint8_t &byte : row)
      byte = uint8_t(random());
  for (int32_t &one : c)
    one = int32_t(random() % 1000);
  TILE_PRODUCT("tdpbssd", true, true);
  TILE_PRODUCT("tdpbsud", true, false);
  TILE_PRODUCT("tdpbusd", false, true);
  TILE_PRODUCT("tdpbuud", false, false);
}

TEST_F(Supplied, AnythingElseEndsTheProcess) {
  EXPECT_EXIT(asm volatile("ud2"), testing::KilledBySignal(SIGILL), "");
  // Without a configuration, and with a wrong one.
  EXPECT_EXIT(asm volatile("tilezero %%tmm0" ::), testing::KilledBySignal(SIGILL), "");
  Config config;
  config.rows[0] = 17;
  EXPECT_EXIT(asm volatile("ldtilecfg %0" ::"m"(config)), testing::KilledBySignal(SIGILL), "");
}

#endif

} // namespace
