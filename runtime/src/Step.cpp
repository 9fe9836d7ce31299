// Feeding tokens: prefill in chunks, decode, rewind.
#include "runtime/src/Session.h"

#include "runtime/src/Memory.h"

using namespace ingot;

namespace {

struct StepJob {
  ingot_step step;
  ingot_entry_fn run;
};

const ingot_entry &chooseEntry(const ingot_level &level, uint32_t rows) noexcept {
  uint32_t i = 0;
  while (level.entries[i].max_rows < rows)
    ++i;
  return level.entries[i];
}

ingot_status checkTokens(const ingot_session &session, const int32_t *tokens,
                         size_t count) noexcept {
  if (tokens == nullptr || count == 0)
    return INGOT_INVALID_ARGUMENT;
  if (count > session.context - session.position.loadRelaxed())
    return INGOT_CONTEXT_FULL;
  for (size_t i = 0; i < count; ++i)
    if (tokens[i] < 0 || static_cast<uint32_t>(tokens[i]) >= session.model->vocab_size)
      return INGOT_INVALID_TOKEN;
  return INGOT_OK;
}

// Feeds checked tokens. With `every` the logits of all of them go there, otherwise only the last
// row's are computed. Either way the session ends up with those of the last.
ingot_status feed(ingot_session &s, const int32_t *tokens, uint32_t count, float *every) noexcept {
  const uint32_t vocab = s.model->vocab_size;
  if (s.takeCancel())
    return INGOT_CANCELLED;
  copyBytes(s.tokens + s.position.loadRelaxed(), tokens, count * sizeof *tokens);
  s.logitsRow.storeRelaxed(-1);
  for (uint32_t done = 0; done < count;) {
    uint32_t left = count - done;
    uint32_t rows = left < s.chunk ? left : s.chunk;
    bool last = rows == left;
    if (every != nullptr)
      runStep(s, rows, 0, every + static_cast<size_t>(done) * vocab);
    else
      runStep(s, rows, last ? rows - 1 : rows, s.logits);
    s.position.storeRelaxed(s.position.loadRelaxed() + rows);
    done += rows;
    if (last) {
      if (every != nullptr)
        copyBytes(s.logits, every + static_cast<size_t>(count - 1) * vocab, vocab * sizeof(float));
      s.logitsRow.storeRelaxed(0);
    }
    if (s.takeCancel())
      return INGOT_CANCELLED;
  }
  return INGOT_OK;
}

} // namespace

void ingot::cleanKv(ingot_session &s, uint32_t blocks) noexcept {
  if (blocks <= s.kvCleanBlocks)
    return;
  uint32_t streams = s.model->kv_streams;
  if (streams == 0) { // not cut into blocks: all or nothing
    clearBytes(s.kv, s.info.kv_bytes);
    s.kvCleanBlocks = s.kvBlocks();
    return;
  }
  size_t streamBytes = s.info.kv_bytes / streams;
  size_t blockBytes = streamBytes / s.kvBlocks();
  for (uint32_t stream = 0; stream < streams; ++stream)
    clearBytes(s.kv + stream * streamBytes + s.kvCleanBlocks * blockBytes,
               (blocks - s.kvCleanBlocks) * blockBytes);
  s.kvCleanBlocks = blocks;
}

void ingot::runStep(ingot_session &s, uint32_t rows, uint32_t firstLogitsRow,
                    float *logits) noexcept {
  uint32_t position = s.position.loadRelaxed();
  cleanKv(s, (position + rows - 1) / positionsPerBlock + 1);

  StepJob job;
  job.run = chooseEntry(*s.level, rows).run;
  job.step.weights = s.weights;
  job.step.arena = s.arena;
  job.step.scratch = s.scratch;
  job.step.kv = s.kv;
  job.step.tokens = s.tokens + position;
  job.step.logits = logits;
  job.step.rows = rows;
  job.step.position = position;
  job.step.first_logits_row = firstLogitsRow;
  job.step.kv_capacity = s.kvCapacity;
  job.step.barrier = [](void *team, uint32_t) { static_cast<ingot_team *>(team)->barrier(); };
  job.step.take = [](void *team) { return static_cast<ingot_team *>(team)->take(); };
  job.step.team = s.team;
  s.team->run(
      [](void *argument, uint32_t thread, uint32_t threads) {
        const StepJob *step = static_cast<const StepJob *>(argument);
        step->run(&step->step, thread, threads);
      },
      &job);
}

ingot_status ingot_session_prefill(ingot_session *session, const int32_t *tokens, size_t count) {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  if (ingot_status status = checkTokens(*session, tokens, count))
    return status;
  return feed(*session, tokens, static_cast<uint32_t>(count), nullptr);
}

ingot_status ingot_session_prefill_logits(ingot_session *session, const int32_t *tokens,
                                          size_t count, float *logits) {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  if (logits == nullptr)
    return INGOT_INVALID_ARGUMENT;
  if (ingot_status status = checkTokens(*session, tokens, count))
    return status;
  return feed(*session, tokens, static_cast<uint32_t>(count), logits);
}

ingot_status ingot_session_decode(ingot_session *session, int32_t token) {
  return ingot_session_prefill(session, &token, 1);
}

ingot_status ingot_session_rewind(ingot_session *session, size_t position) {
  SessionCall call(session);
  if (call.status != INGOT_OK)
    return call.status;
  uint32_t now = session->position.loadRelaxed();
  if (position > now)
    return INGOT_INVALID_ARGUMENT;
  if (position < now) {
    session->position.storeRelaxed(static_cast<uint32_t>(position));
    session->logitsRow.storeRelaxed(-1);
  }
  return INGOT_OK;
}
