//===- Emulator.cpp - Instructions that this machine lacks ----------------===//

#include "test/kernels/x86/Emulator.h"

#if defined(__x86_64__) && defined(__linux__)

#include "test/kernels/x86/Tiles.h"

#include <atomic>
#include <csignal>
#include <cstring>
#include <ucontext.h>

using namespace ingot::test;

namespace {

std::atomic<uint64_t> supplied = 0;
thread_local Tiles tiles;

// The vector registers in a signal frame, as XSAVE writes it: xmm at 160, in the
// legacy part; what ymm has more at 576, the place that the processors with AVX
// agree on. A part whose bit is missing in the header's first word stands for
// zeros; writing it sets the bit.
constexpr int kXmmAt = 160, kPartsAt = 512, kYmmAt = 576, kSoftwareAt = 464;
constexpr uint64_t kSsePart = 2, kAvxPart = 4;
constexpr uint32_t kExtendedMagic = 0x46505853; // FP_XSTATE_MAGIC1

class Vectors {
public:
  explicit Vectors(const ucontext_t &context)
      : state(reinterpret_cast<uint8_t *>(context.uc_mcontext.fpregs)) {}

  /// Whether the frame holds the upper halves.
  bool hasUpper() const {
    uint32_t magic;
    uint64_t saved;
    std::memcpy(&magic, state + kSoftwareAt, sizeof magic);
    std::memcpy(&saved, state + kSoftwareAt + 8, sizeof saved);
    return magic == kExtendedMagic && (saved & kAvxPart) != 0;
  }

  void read(unsigned number, uint8_t (&out)[32]) const {
    std::memset(out, 0, sizeof out);
    if (parts() & kSsePart)
      std::memcpy(out, state + kXmmAt + 16 * number, 16);
    if (parts() & kAvxPart)
      std::memcpy(out + 16, state + kYmmAt + 16 * number, 16);
  }

  void write(unsigned number, const uint8_t (&value)[32]) {
    begin(kSsePart, kXmmAt);
    begin(kAvxPart, kYmmAt);
    std::memcpy(state + kXmmAt + 16 * number, value, 16);
    std::memcpy(state + kYmmAt + 16 * number, value + 16, 16);
  }

private:
  uint64_t parts() const {
    uint64_t word;
    std::memcpy(&word, state + kPartsAt, sizeof word);
    return word;
  }
  void begin(uint64_t part, int at) {
    if (parts() & part)
      return;
    std::memset(state + at, 0, 16 * 16);
    const uint64_t word = parts() | part;
    std::memcpy(state + kPartsAt, &word, sizeof word);
  }

  uint8_t *state;
};

/// a += unsigned bytes of c times signed bytes of b, by fours.
bool dotBytes(const Instruction &one, ucontext_t &context) {
  Vectors vectors(context);
  if (!vectors.hasUpper())
    return false;
  uint8_t sums[32], weights[32], bytes[32] = {};
  vectors.read(one.a, sums);
  vectors.read(one.c, weights);
  const int size = one.wide ? 32 : 16;
  if (one.memory)
    std::memcpy(bytes, reinterpret_cast<const void *>(one.address), size);
  else
    vectors.read(one.b, bytes);
  for (int i = 0; i < size; i += 4) {
    uint32_t sum; // wraps
    std::memcpy(&sum, sums + i, sizeof sum);
    for (int j = i; j < i + 4; ++j)
      sum += uint32_t(int32_t(weights[j]) * int8_t(bytes[j]));
    std::memcpy(sums + i, &sum, sizeof sum);
  }
  if (!one.wide)
    std::memset(sums + 16, 0, 16); // as every VEX instruction of 128 bits
  vectors.write(one.a, sums);
  return true;
}

Registers registersOf(const ucontext_t &context) {
  // In the numbering of ModRM.
  constexpr int kPlaces[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                               REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                               REG_R12, REG_R13, REG_R14, REG_R15};
  Registers out;
  for (int i = 0; i < 16; ++i)
    out.value[i] = uint64_t(context.uc_mcontext.gregs[kPlaces[i]]);
  return out;
}

void handle(int, siginfo_t *, void *frame) {
  ucontext_t &context = *static_cast<ucontext_t *>(frame);
  greg_t &at = context.uc_mcontext.gregs[REG_RIP];
  const auto one = decode(reinterpret_cast<const uint8_t *>(at), registersOf(context));
  if (one &&
      (one->operation == Operation::DotBytes ? dotBytes(*one, context) : tiles.execute(*one))) {
    at += one->length;
    ++supplied;
    return;
  }
  std::signal(SIGILL, SIG_DFL); // it comes again, and ends the process
}

} // namespace

bool ingot::test::supplyInstructions() {
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  return sigaction(SIGILL, &action, nullptr) == 0;
}

uint64_t ingot::test::suppliedInstructions() { return supplied; }

#else

bool ingot::test::supplyInstructions() { return false; }
uint64_t ingot::test::suppliedInstructions() { return 0; }

#endif
