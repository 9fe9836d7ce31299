// A session: one block of memory that holds the struct below, the team (unless shared), the tokens,
// the logits, the sampler's scratch, the activations and the KV cache, in this order.
#ifndef INGOT_RUNTIME_SESSION_H
#define INGOT_RUNTIME_SESSION_H

#include "ingot/abi.h"
#include "ingot/ingot.h"
#include "runtime/src/Atomic.h"
#include "runtime/src/Sampler.h"
#include "runtime/src/Team.h"

namespace ingot {

constexpr uint64_t sessionMagic = 0x7373657374676e69; // "ingtsess"
constexpr uint32_t positionsPerBlock = 64;            // of the KV cache (abi.h)
constexpr uint32_t maxPrefillChunk = 512;
constexpr uint32_t maxLookupLimit = 64;
constexpr size_t sessionAlignment = 64;
constexpr size_t hugePageBytes = size_t(2) << 20;

} // namespace ingot

struct ingot_session {
  uint64_t magic;
  const ingot_model *model;
  const ingot_level *level;
  const uint8_t *weights;      // what steps read: givenWeights, or the copy of them in this block
  const uint8_t *givenWeights; // embedded, or the checked sidecar
  ingot_team *team;
  bool ownsTeam;
  size_t ownedBytes; // of the pages the session lies in, when it took them itself
  ingot_session_info info;

  uint32_t context;    // positions that may be used
  uint32_t kvCapacity; // context rounded up to whole blocks
  uint32_t chunk;      // most tokens of one prefill step
  uint32_t maxLookup;

  // Pointers into the block.
  int32_t *tokens; // [context + maxLookup]; the first `position` of them are the text
  float *logits;   // [1 + maxLookup][vocab_size]
  ingot::SamplerScratch sampler;
  uint8_t *scratch;
  uint8_t *arena;
  uint8_t *kv;

  // Read by getters on any thread, written by the one call that is running.
  ingot::Atomic<uint32_t> position;
  ingot::Atomic<int32_t> logitsRow; // row of `logits` that holds those at `position`; -1: none

  // Blocks of every KV stream that hold zeros or what steps wrote. Behind them is whatever the
  // caller's memory held, perhaps bit patterns that are no numbers, and kernels multiply what they
  // mask.
  uint32_t kvCleanBlocks;

  ingot::Atomic<uint32_t> busy;
  ingot::Atomic<uint32_t> cancelled;

  bool takeCancel() noexcept { return cancelled.loadRelaxed() != 0 && cancelled.exchange(0) != 0; }
  uint32_t kvBlocks() const noexcept { return kvCapacity / ingot::positionsPerBlock; }
  const float *currentLogits() const noexcept {
    return logits + static_cast<size_t>(logitsRow.loadRelaxed()) * model->vocab_size;
  }
};

namespace ingot {

inline bool isValid(const ingot_session *session) noexcept {
  return session != nullptr && session->magic == sessionMagic;
}

// Holds a session for one call. `status` says whether it could.
class SessionCall {
public:
  explicit SessionCall(const ingot_session *from) noexcept
      : session(const_cast<ingot_session *>(from)) {
    status = !isValid(session)                ? INGOT_INVALID_ARGUMENT
             : session->busy.exchange(1) != 0 ? INGOT_BUSY
                                              : INGOT_OK;
  }
  ~SessionCall() {
    if (status == INGOT_OK)
      session->busy.storeRelease(0);
  }
  SessionCall(const SessionCall &) = delete;
  SessionCall &operator=(const SessionCall &) = delete;

  ingot_status status;

private:
  ingot_session *session;
};

// One step: the team runs `rows` tokens, which already stand in session.tokens at the position.
// Moving the position over those that count is the caller's. Logits of rows firstLogitsRow .. rows
// - 1 go to `logits`.
void runStep(ingot_session &session, uint32_t rows, uint32_t firstLogitsRow,
             float *logits) noexcept;

// Clears the first `blocks` blocks of every KV stream that are not clean yet.
void cleanKv(ingot_session &session, uint32_t blocks) noexcept;

} // namespace ingot
#endif
