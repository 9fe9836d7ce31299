// Reading structs of options whose size the caller states.
#ifndef INGOT_RUNTIME_OPTIONS_H
#define INGOT_RUNTIME_OPTIONS_H

#include "ingot/ingot.h"
#include "runtime/src/Memory.h"

namespace ingot {

// Sizes of the first published versions: what a `size` of 0 means. The members named here were the
// last ones then; members that are added later do not change these lines.
#define INGOT_BYTES_UP_TO(type, member) (offsetof(type, member) + sizeof(type::member))
constexpr uint32_t teamOptionsV1Bytes = INGOT_BYTES_UP_TO(ingot_team_options, log_user);
constexpr uint32_t sessionOptionsV1Bytes = INGOT_BYTES_UP_TO(ingot_session_options, weights_of);
constexpr uint32_t generateOptionsV1Bytes = INGOT_BYTES_UP_TO(ingot_generate_options, result);
#undef INGOT_BYTES_UP_TO
static_assert(sizeof(void *) != 8 || (teamOptionsV1Bytes == 56 && sessionOptionsV1Bytes == 104 &&
                                      generateOptionsV1Bytes == 56),
              "the first versions are published and stay as they are");

// Copies what the caller gave over a zeroed struct. Bytes the library does not know must be zero.
[[nodiscard]] ingot_status readOptions(const void *from, uint32_t v1Bytes, void *to,
                                       uint32_t bytes) noexcept;

} // namespace ingot
#endif
