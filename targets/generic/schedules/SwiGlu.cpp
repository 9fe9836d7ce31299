//===- SwiGlu.cpp - Gated activation, right everywhere --------------------===//

#include "codegen/kernels/SwiGlu.h"
#include "targets/generic/schedules/Quantize.h"

namespace ingot {

void scheduleSwiGluGeneric(SwiGlu &k, const Level &level) {
  if (k.quantizes)
    scheduleQuantizedRows(k.quantized, level);
  if (k.param("features") % k.param("group") == 0)
    k.y.update().allow_race_conditions().vectorize(k.share.x,
                                                   floatLanes(level, int(k.param("group"))));
  // The last group of odd sizes is guarded, element by element.
}

} // namespace ingot
