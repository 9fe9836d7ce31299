// Making, describing and ending sessions.
#include "runtime/src/Session.h"

#include "runtime/platform/platform.h"
#include "runtime/src/Block.h"
#include "runtime/src/Memory.h"
#include "runtime/src/Plan.h"
#include "runtime/src/Sha256.h"

using namespace ingot;

namespace {

constexpr size_t weightsAlignment = 4096;

// The only check there is, and it cannot be turned off: a sidecar is bound to the code by its
// length and its hash.
ingot_status chooseWeights(const ingot_model &model, const ingot_session_options &options,
                           const uint8_t *&weights) noexcept {
  bool given = options.weights != nullptr || options.weights_bytes != 0;
  if (model.weights != nullptr) {
    weights = model.weights;
    return given || options.weights_of != nullptr ? INGOT_INVALID_ARGUMENT : INGOT_OK;
  }
  if (options.weights_of != nullptr) {
    if (given || !isValid(options.weights_of) || options.weights_of->model != &model)
      return INGOT_INVALID_ARGUMENT;
    weights = options.weights_of->givenWeights;
    return INGOT_OK;
  }
  if (options.weights == nullptr)
    return INGOT_WEIGHTS_MISSING;
  if (reinterpret_cast<uintptr_t>(options.weights) % weightsAlignment != 0)
    return INGOT_INVALID_ARGUMENT;
  if (options.weights_bytes != model.weights_bytes)
    return INGOT_WEIGHTS_MISMATCH;
  Sha256 hash;
  uint64_t digest[4];
  hash.update(options.weights, options.weights_bytes);
  hash.finish(digest);
  for (int i = 0; i < 4; ++i)
    if (digest[i] != model.weights_hash[i])
      return INGOT_WEIGHTS_MISMATCH;
  weights = static_cast<const uint8_t *>(options.weights);
  return INGOT_OK;
}

struct WeightsCopy {
  const uint8_t *from;
  uint8_t *to;
  size_t bytes;
};

// Every thread copies whole huge pages, and so touches them first.
void copyShare(void *argument, uint32_t thread, uint32_t threads) noexcept {
  const WeightsCopy &copy = *static_cast<const WeightsCopy *>(argument);
  size_t pages = copy.bytes / hugePageBytes + 1;
  size_t begin = pages * thread / threads * hugePageBytes;
  size_t end = pages * (thread + 1) / threads * hugePageBytes;
  end = end < copy.bytes ? end : copy.bytes;
  if (begin < end)
    copyBytes(copy.to + begin, copy.from + begin, end - begin);
}

// The weights as the session reads them: a copy in its own memory.
const uint8_t *copyWeights(ingot_session &s, const SessionPlan &plan, uint8_t *base) noexcept {
  uintptr_t at = reinterpret_cast<uintptr_t>(base) + plan.weightsAt;
  at = (at + hugePageBytes - 1) & ~uintptr_t(hugePageBytes - 1);
  // The plan has found room for them, so the size fits.
  WeightsCopy copy = {s.weights, reinterpret_cast<uint8_t *>(at), size_t(s.model->weights_bytes)};
  if (s.ownedBytes != 0)
    platform::preferHugePages(copy.to, copy.bytes);
  s.team->run(copyShare, &copy);
  return copy.to;
}

void fillSession(ingot_session &s, const SessionPlan &plan, uint8_t *base) noexcept {
  s.level = plan.level;
  s.context = plan.context;
  s.kvCapacity = plan.kvCapacity;
  s.chunk = plan.chunk;
  s.maxLookup = plan.options.max_lookup;
  s.tokens = reinterpret_cast<int32_t *>(base + plan.tokensAt);
  s.logits = reinterpret_cast<float *>(base + plan.logitsAt);
  s.sampler.candidates = reinterpret_cast<Candidate *>(base + plan.candidatesAt);
  s.sampler.seen = base + plan.seenAt;
  s.scratch = base + plan.scratchAt;
  s.arena = base + plan.arenaAt;
  s.kv = base + plan.kvAt;
  s.logitsRow.storeRelaxed(-1);
  s.info = {sizeof(ingot_session_info),
            plan.threads,
            plan.context,
            plan.chunk,
            plan.level->name,
            plan.bytes,
            plan.arenaBytes,
            plan.scratchBytes,
            plan.kvBytes};
}

} // namespace

ingot_status ingot_session_size(const ingot_model *model, const ingot_session_options *options,
                                size_t *bytes, size_t *alignment) {
  if (bytes == nullptr || alignment == nullptr)
    return INGOT_INVALID_ARGUMENT;
  SessionPlan plan;
  if (ingot_status status = planSession(model, options, plan))
    return status;
  *bytes = plan.bytes;
  *alignment = sessionAlignment;
  return INGOT_OK;
}

ingot_status ingot_session_create(const ingot_model *model, const ingot_session_options *options,
                                  void *memory, size_t bytes, ingot_session **session) {
  if (session == nullptr)
    return INGOT_INVALID_ARGUMENT;
  *session = nullptr;
  SessionPlan plan;
  const uint8_t *weights = nullptr;
  if (ingot_status status = planSession(model, options, plan))
    return status;
  if (ingot_status status = chooseWeights(*model, plan.options, weights))
    return status;
  Block block;
  if (ingot_status status = block.take(memory, bytes, plan.bytes, sessionAlignment))
    return status;

  // Pages of our own are zero already; of the caller's only what is not written before it is read
  // is cleared here, and the KV cache block by block when the text reaches it.
  uint8_t *base = static_cast<uint8_t *>(block.at);
  bool ours = block.ownedBytes != 0;
  if (!ours)
    clearBytes(base, plan.kvAt);
  ingot_session *s = reinterpret_cast<ingot_session *>(base);
  s->model = model;
  s->weights = s->givenWeights = weights;
  s->ownedBytes = block.ownedBytes;
  fillSession(*s, plan, base);
  s->kvCleanBlocks = ours ? s->kvBlocks() : 0;
  if (!ours && model->kv_streams == 0)
    cleanKv(*s, s->kvBlocks());

  s->ownsTeam = plan.options.team == nullptr;
  s->team = s->ownsTeam ? reinterpret_cast<ingot_team *>(base + plan.teamAt) : plan.options.team;
  if (s->ownsTeam)
    if (ingot_status status = ingot_team::create(plan.team, s->team)) {
      block.giveBack();
      return status;
    }
  if (plan.weightsBytes != 0)
    s->weights = copyWeights(*s, plan, base);
  s->magic = sessionMagic;
  if (plan.options.log != nullptr)
    plan.options.log(plan.options.log_user, INGOT_LOG_INFO, "instruction-set level",
                     plan.level->name);
  *session = s;
  return INGOT_OK;
}

void ingot_session_destroy(ingot_session *session) {
  if (!isValid(session))
    return;
  session->magic = 0;
  if (session->ownsTeam)
    session->team->stop();
  Block block = {session, session->ownedBytes};
  block.giveBack();
}

ingot_status ingot_session_get_info(const ingot_session *session, ingot_session_info *info) {
  if (!isValid(session) || info == nullptr || info->size < sizeof(uint32_t))
    return INGOT_INVALID_ARGUMENT;
  uint32_t room = info->size;
  clearBytes(info, room);
  copyBytes(info, &session->info, room < sizeof *info ? room : sizeof *info);
  info->size = room;
  return INGOT_OK;
}

size_t ingot_session_position(const ingot_session *session) {
  return isValid(session) ? session->position.loadRelaxed() : 0;
}

const int32_t *ingot_session_tokens(const ingot_session *session) {
  return isValid(session) ? session->tokens : nullptr;
}

ingot_status ingot_session_logits(const ingot_session *session, const float **logits,
                                  size_t *count) {
  if (!isValid(session) || logits == nullptr)
    return INGOT_INVALID_ARGUMENT;
  *logits = nullptr;
  if (session->logitsRow.loadRelaxed() < 0)
    return INGOT_NO_LOGITS;
  *logits = session->currentLogits();
  if (count != nullptr)
    *count = session->model->vocab_size;
  return INGOT_OK;
}

void ingot_session_cancel(ingot_session *session) {
  if (isValid(session))
    session->cancelled.exchange(1);
}
