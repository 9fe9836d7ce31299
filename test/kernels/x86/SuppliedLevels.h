//===- SuppliedLevels.h - Levels that run here under the emulator ---------===//
#ifndef INGOT_TEST_KERNELS_X86_SUPPLIEDLEVELS_H
#define INGOT_TEST_KERNELS_X86_SUPPLIEDLEVELS_H

#include "test/kernels/KernelLibrary.h"

namespace ingot::test {

/// The levels whose kernels run here although the machine lacks them, because
/// supplyInstructions() has the rest of what they need. From now on the process
/// has it, if there are any.
std::vector<RunnableLevel> suppliedLevels();

} // namespace ingot::test

#endif // INGOT_TEST_KERNELS_X86_SUPPLIEDLEVELS_H
