// From model and options to everything that ingot_session_size and ingot_session_create must agree
// on: level, limits, and the offset of every part of the session's block.
#ifndef INGOT_RUNTIME_PLAN_H
#define INGOT_RUNTIME_PLAN_H

#include "runtime/src/Session.h"

namespace ingot {

struct SessionPlan {
  ingot_session_options options;
  const ingot_level *level;
  TeamPlan team; // unused when options.team is given
  uint32_t threads;
  uint32_t context, kvCapacity, chunk;

  size_t arenaBytes, scratchBytes, kvBytes;
  size_t teamAt, tokensAt, logitsAt, candidatesAt, seenAt, scratchAt, arenaAt, kvAt;
  size_t weightsAt, weightsBytes; // of the copy and the room around it; 0 bytes: none
  size_t bytes;
};

[[nodiscard]] ingot_status planSession(const ingot_model *model,
                                       const ingot_session_options *options,
                                       SessionPlan &plan) noexcept;

} // namespace ingot
#endif
