//===- Quantize.cpp - 8-bit activations, right everywhere -----------------===//

#include "codegen/kernels/Quantize.h"
#include "targets/generic/schedules/Quantize.h"

namespace ingot {

void scheduleQuantizeGeneric(Quantize &k, const Level &level) {
  scheduleQuantizedRows(k.quantized, level);
}

} // namespace ingot
