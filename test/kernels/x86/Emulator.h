//===- Emulator.h - Instructions that this machine lacks ------------------===//
//
// Lets the kernels of a level run on a machine without its products of bytes:
// an instruction that the processor refuses is decoded, done on the saved state
// and stepped over. It is for tests: each such instruction costs a signal.
// Anything that Instruction.h does not name ends the process, as ever.
//
//===----------------------------------------------------------------------===//
#ifndef INGOT_TEST_KERNELS_X86_EMULATOR_H
#define INGOT_TEST_KERNELS_X86_EMULATOR_H

#include <cstdint>

namespace ingot::test {

/// From now on the process has the instructions. False where there is no such
/// emulator: it is Linux's signal frames on x86-64.
bool supplyInstructions();

/// Instructions done so far, by all threads.
uint64_t suppliedInstructions();

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_X86_EMULATOR_H
