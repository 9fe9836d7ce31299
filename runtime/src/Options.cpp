#include "runtime/src/Options.h"

namespace ingot {

ingot_status readOptions(const void *from, uint32_t v1Bytes, void *to, uint32_t bytes) noexcept {
  clearBytes(to, bytes);
  if (from == nullptr)
    return INGOT_OK;
  uint32_t stated;
  copyBytes(&stated, from, sizeof stated);
  if (stated == 0)
    stated = v1Bytes < bytes ? v1Bytes : bytes;
  if (stated < sizeof stated)
    return INGOT_INVALID_ARGUMENT;
  const uint8_t *raw = static_cast<const uint8_t *>(from);
  for (uint32_t i = bytes; i < stated; ++i)
    if (raw[i] != 0)
      return INGOT_INVALID_ARGUMENT;
  copyBytes(to, from, stated < bytes ? stated : bytes);
  return INGOT_OK;
}

} // namespace ingot
